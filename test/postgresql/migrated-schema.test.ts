import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { withClient } from '../../src/storage/postgresql/client.ts'
import { migratePostgres } from '../../src/storage/postgresql/migrations.ts'
import { describeSchema, postgresDeviations } from '../../src/storage/postgresql/schema/postgres-schema.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'
import { ask, makeTwoRoles } from '../support/two-roles.ts'

const FILE = join(fileURLToPath(new URL('../..', import.meta.url)), 'prisma/postgresql/schema.jsonl')

test('the file of what the migrations make says what they make (npm run test:postgresql -- -u writes it anew)', async () => {
  const { ownerUrl: url } = await makeTwoRoles()
  await withClient(url, {}, (client) => migratePostgres(client))
  await ask(url, "SELECT public.audit_prepare_month('2026-11-29')")
  const made = await withSnapshot(url, describeSchema)
  await expect(made).toMatchFileSnapshot(FILE)
  await ask(
    url,
    "SELECT public.audit_prepare_month(m) FROM unnest('{1970-01-01,2026-12-31,9999-11-30}'::timestamp[]) m",
  )
  const deviations = await withSnapshot(url, postgresDeviations)
  expect(deviations).toEqual({ refused: [], missing: [], foreign: [], isReadable: true })
})
