import { expect, onTestFinished, test } from 'vitest'
import { integrityProblems } from '../../src/storage/integrity.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { schemaDeviations } from '../../src/storage/schema/schema.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { startDebianServer } from '../support/debian-server.ts'
import { ask, makeTwoRoles } from '../support/two-roles.ts'

test('the server of Debian, of another version than that of the tests, makes the same of the migrations', async () => {
  const server = await startDebianServer(onTestFinished)
  const roles = await makeTwoRoles(server.url)
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
  const folder = temporaryFolder()
  const env = { DATABASE_URL: roles.applicationUrl, DATA_DIR: folder }
  const warden = await openTestWarden({ env }, folder)
  await warden.close()
  await ask(
    roles.adminUrl,
    "SELECT public.audit_prepare_month(m) FROM unnest('{1970-01-01,9999-11-30}'::timestamp[]) m",
  )
  for (const sql of ['VACUUM FULL', 'REINDEX SCHEMA public', 'CLUSTER users USING users_pkey'])
    await ask(roles.adminUrl, sql)
  for (const url of [roles.adminUrl, roles.ownerUrl, roles.applicationUrl]) {
    const isBot = url === roles.applicationUrl
    const foreign = isBot ? [] : [{ what: `right of ${roles.application} to write as the bot does` }]
    expect(await withSnapshot(url, schemaDeviations)).toMatchObject({ refused: [], missing: [], foreign })
    expect(await withSnapshot(url, integrityProblems)).toEqual([])
  }
  await (await openTestWarden({ env }, folder)).close()
  // Of the whole server, so that no other test may see it.
  await ask(roles.adminUrl, `GRANT pg_write_all_data TO ${(await makeTwoRoles(server.url)).application}`)
  const { refused } = await withSnapshot(roles.applicationUrl, schemaDeviations)
  expect(refused).toEqual([expect.stringMatching(/^right of \S+_app to change all tables$/)])
})
