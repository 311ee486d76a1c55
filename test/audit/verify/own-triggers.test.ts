import { expect, test } from 'vitest'
import { schemaDeviations } from '../../../src/storage/schema/schema.ts'
import { withSnapshot } from '../../../src/storage/snapshot.ts'
import { openTestWarden } from '../../support/chatwarden.ts'
import { onPostgres, urlOf } from '../../support/database.ts'
import { shareRichTrail } from '../../support/rich-trail.ts'
import { changedCopy, findingsIn } from '../../support/tamper.ts'

const shared = shareRichTrail()

const changed = (sql: string) => changedCopy(shared.trail.path, [sql])

const deviations = (path: string) => withSnapshot(urlOf(path), schemaDeviations)

const drop = (name: string, table: string) => `DROP TRIGGER ${name}${onPostgres ? ` ON ${table}` : ''}`

const OWN: [name: string, table: string][] = [
  ['audit_logs_refuse_update', 'audit_logs'],
  ['audit_logs_refuse_uncovered_delete', 'audit_logs'],
  ['audit_tiles_refuse_change', 'audit_tiles'],
  ['audit_tiles_refuse_delete', 'audit_tiles'],
  ['audit_head_refuse_delete', 'audit_head'],
  ['audit_head_refuse_return', 'audit_head'],
  ...(onPostgres
    ? ([
        ['audit_logs_refuse_truncate', 'audit_logs'],
        ['audit_tiles_refuse_truncate', 'audit_tiles'],
        ['audit_head_refuse_truncate', 'audit_head'],
      ] as [string, string][])
    : ([['audit_head_refuse_moved', 'audit_head']] as [string, string][])),
]

const LOST: [sql: string, what: string][] = [
  ...OWN.map(([name, table]): [string, string] => [drop(name, table), `trigger ${name} on ${table} is missing`]),
  ...(onPostgres
    ? OWN.map(([name, table]): [string, string] => [
        `ALTER TABLE ${table} DISABLE TRIGGER ${name}`,
        `trigger ${name} on ${table} is switched off`,
      ])
    : []),
]

test.each(LOST)('%s is found, and the next start puts it back, with an entry', async (sql, what) => {
  const { folder, path } = changed(sql)
  const found = await findingsIn(path, shared.trail.how)
  expect(found).toContainEqual({ kind: 'missing trigger', about: what })
  expect(found.filter(({ kind }) => kind !== 'missing trigger')).toEqual([])
  const warden = await openTestWarden({}, folder)
  expect(await deviations(path)).toEqual({ refused: [], missing: [], foreign: [], isReadable: true })
  const [entry, ...others] = await warden.AuditLogRepository.findByAction('DATABASE_TRIGGERS_RESTORED')
  expect([entry?.category, JSON.parse(entry?.metadata ?? '{}').triggers, others]).toEqual([
    'SECURITY',
    expect.arrayContaining([what]),
    [],
  ])
  await warden.close()
  expect(await findingsIn(path, { ...shared.trail.how, now: Date.now() })).toEqual([])
  await (await openTestWarden({}, folder)).close()
})

test('processes that start at once put it back once', async () => {
  const { folder, path } = changed(OWN.map(([name, table]) => drop(name, table)).join('; '))
  const wardens = await Promise.all([1, 2, 3].map(() => openTestWarden({}, folder)))
  expect(await deviations(path)).toEqual({ refused: [], missing: [], foreign: [], isReadable: true })
  const entries = await wardens[0]?.AuditLogRepository.findByAction('DATABASE_TRIGGERS_RESTORED')
  expect(entries).toHaveLength(1)
  await Promise.all(wardens.map((warden) => warden.close()))
  expect(await findingsIn(path, { ...shared.trail.how, now: Date.now() })).toEqual([])
})

test('an index that is missing besides is not made up for: nothing is put back, and nothing starts', async () => {
  const { folder, path } = changed(`${drop('audit_logs_refuse_update', 'audit_logs')}; DROP INDEX users_role_idx`)
  await expect(openTestWarden({}, folder)).rejects.toMatchObject({ code: 'SCHEMA_ALTERED' })
  expect((await deviations(path)).missing).not.toEqual([])
})
