import { beforeAll, describe, expect, test } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { attempt, forged, STATE } from '../support/attacks.ts'
import { FakeClock, openTestWarden, STRANGER } from '../support/chatwarden.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'

const NOW = Date.now()
const { add: atEnd } = shareCleanUps()
let roles: TwoRoles

/** Entries of 100 days ago and of today, and a month between them with nothing in it. */
beforeAll(async () => {
  roles = await makeTwoRoles(undefined, atEnd)
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, 30)
  const clock = new FakeClock(NOW - 100 * DAY)
  const closing: (() => void | Promise<void>)[] = []
  const env = { DATABASE_URL: roles.applicationUrl }
  const warden = await openTestWarden({ clock, env }, undefined, (cleanUp) => void closing.push(cleanUp))
  const log = () => warden.AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  for (let n = 0; n < 5; n++) await log()
  clock.time = NOW - 1000
  for (let n = 0; n < 5; n++) await log()
  for (const cleanUp of closing.reverse()) await cleanUp()
})

/** The months there are, the oldest first. */
const months = async () =>
  (
    await ask<{ name: string }>(
      roles.adminUrl,
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass ORDER BY 1",
    )
  ).map(({ name }) => name)

const state = async () => (await ask<{ state: string }>(roles.adminUrl, STATE))[0]?.state

/** As the application's role. */
async function expectRefused(statements: readonly string[], code: string, message: RegExp): Promise<void> {
  const before = await state()
  expect(await attempt(roles.applicationUrl, statements)).toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
  expect(await state()).toBe(before)
}

const DENIED = '42501'
const INTEGRITY = '23000'
const ALL = { ranges: [[0, 999_999]] }
const REMOVE_OLD =
  "SELECT audit_remove(ARRAY(SELECT seq FROM audit_logs WHERE created_at < now() - interval '60 days'))"
const REMOVE_YOUNG =
  "SELECT audit_remove(ARRAY(SELECT seq FROM audit_logs WHERE created_at > now() - interval '1 day' AND seq < 1000))"
const RETENTION = (retentionDays: unknown, how = {}) => forged('AUDIT_RETENTION', { ...ALL, retentionDays }, how)

describe('by hand, the role of the bot is refused', () => {
  test.each([
    ['UPDATE audit_logs', "UPDATE audit_logs SET description = 'x'", /permission denied for table audit_logs/],
    ['DELETE FROM audit_logs', 'DELETE FROM audit_logs', /permission denied for table audit_logs/],
    ['TRUNCATE audit_logs', 'TRUNCATE audit_logs', /permission denied for table audit_logs/],
    ['DELETE FROM audit_tiles', 'DELETE FROM audit_tiles', /permission denied for table audit_tiles/],
    ['DELETE FROM audit_head', 'DELETE FROM audit_head', /permission denied for table audit_head/],
    [
      'INSERT INTO audit_head',
      "INSERT INTO audit_head VALUES (2, 0, now(), '')",
      /permission denied for table audit_head/,
    ],
    ['UPDATE audit_policy', 'UPDATE audit_policy SET minimum_days = 0', /permission denied for table audit_policy/],
    [
      'DROP TRIGGER',
      'DROP TRIGGER audit_logs_refuse_update ON audit_logs',
      /must be owner of (relation|table) audit_logs/,
    ],
    ['DISABLE TRIGGER', 'ALTER TABLE audit_logs DISABLE TRIGGER ALL', /must be owner of table audit_logs/],
    [
      'CREATE TRIGGER',
      'CREATE TRIGGER mine BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION audit_refuse()',
      /permission denied for table audit_logs/,
    ],
    [
      'CREATE RULE',
      'CREATE RULE mine AS ON INSERT TO audit_logs DO INSTEAD NOTHING',
      /must be owner of (relation|table) audit_logs/,
    ],
    ['DROP TABLE', 'DROP TABLE audit_logs', /must be owner of table audit_logs/],
    ['LOCK TABLE', 'LOCK TABLE audit_logs IN ACCESS EXCLUSIVE MODE', /permission denied for table audit_logs/],
    [
      'ALTER FUNCTION',
      'ALTER FUNCTION audit_remove(integer[]) SECURITY INVOKER',
      /must be owner of function audit_remove/,
    ],
    [
      'CREATE OR REPLACE FUNCTION',
      'CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
      /permission denied for schema public/,
    ],
    ['GRANT', 'SELECT audit_grant(current_user)', /permission denied for function audit_grant/],
    ['SET session_replication_role', "SET session_replication_role = 'replica'", /permission denied to set parameter/],
    ['SET ROLE', 'SET ROLE pg_database_owner', /permission denied to set role/],
    ['CREATE TABLE in public', 'CREATE TABLE public.mine ()', /permission denied for schema public/],
  ])('%s', async (_name, sql, message) => {
    await expectRefused([sql], DENIED, message)
  })

  test('the same on a month of its own', async () => {
    const [month = ''] = await months()
    for (const sql of [`UPDATE ${month} SET seq = 0`, `DELETE FROM ${month}`, `TRUNCATE ${month}`])
      await expectRefused([sql], DENIED, /permission denied for table audit_logs_y/)
    await expectRefused([`DROP TABLE ${month}`], DENIED, /must be owner of table/)
    await expectRefused([`ALTER TABLE audit_logs DETACH PARTITION ${month}`], DENIED, /must be owner of table/)
  })

  test('a tile that loses what was in it, and a head that goes back', async () => {
    await expectRefused(["UPDATE audit_tiles SET hashes = '\\x00'"], INTEGRITY, /the tree only grows/)
    await expectRefused(['UPDATE audit_head SET size = size - 1'], INTEGRITY, /the trail only grows/)
  })
})

describe('entries leave only by what covers them', () => {
  test.each([
    ['no entry', [REMOVE_OLD], /leave only by retention or erasure/],
    [
      'the setting by which the function is known',
      ["SELECT set_config('chatwarden.removing', pg_current_xact_id()::text, true)", REMOVE_OLD],
      /leave only by/,
    ],
    ['another action', [forged('ROLE_CHANGE', ALL), REMOVE_OLD], /leave only by retention or erasure/],
    [
      'an entry that is not the last',
      [RETENTION(30, { at: "now() AT TIME ZONE 'UTC' - interval '100 days'" }), REMOVE_OLD],
      /leave only by/,
    ],
    [
      'ranges that do not cover',
      [forged('AUDIT_RETENTION', { ranges: [[0, 1]], retentionDays: 30 }), REMOVE_OLD],
      /does not cover/,
    ],
    ['no ranges', [forged('AUDIT_RETENTION', { retentionDays: 30 }), REMOVE_OLD], /does not cover/],
    ['0 days and entries of today', [RETENTION(0), REMOVE_YOUNG], /5 of the entries may not be removed/],
    ['fewer days than none', [RETENTION(-100_000), REMOVE_YOUNG], /5 of the entries may not be removed/],
    ['no days', [RETENTION(undefined), REMOVE_YOUNG], /5 of the entries may not be removed/],
    [
      '0 days and entries younger than the owner keeps',
      [RETENTION(0), 'SELECT audit_remove(ARRAY(SELECT seq FROM audit_logs WHERE seq < 1000))'],
      /of the entries may not be removed/,
    ],
    [
      'a moment far ahead',
      ["SELECT audit_prepare_month('9999-01-01')", RETENTION(0, { at: "'9999-01-15'" }), REMOVE_YOUNG],
      /5 of the entries may not/,
    ],
    [
      'an erasure of who may do what',
      [
        forged('AUDIT_ERASURE', ALL),
        "SELECT audit_remove(ARRAY(SELECT seq FROM audit_logs WHERE category IN ('AUTH', 'CONFIG')))",
      ],
      /of the entries may not be removed/,
    ],
    [
      'an erasure that covers itself',
      [forged('AUDIT_ERASURE', { ranges: [[0, 1_000_000]] }), 'SELECT audit_remove(ARRAY[1000000])'],
      /does not cover/,
    ],
    [
      'an erasure of an erasure',
      [
        forged('AUDIT_ERASURE', ALL, { seq: '999999' }),
        forged('AUDIT_ERASURE', ALL),
        'SELECT audit_remove(ARRAY[999999])',
      ],
      /1 of the entries may not/,
    ],
  ])('%s', async (_name, statements, message) => {
    await expectRefused(statements, INTEGRITY, message)
  })

  test('an entry of another transaction', async () => {
    // In a database of its own, as the entry stays.
    const other = await makeTwoRoles()
    await migrateAsOwner(other.ownerUrl, other.applicationUrl, 0)
    const old = { at: "now() AT TIME ZONE 'UTC' - interval '90 days'", seq: '1' }
    const made = await attempt(other.applicationUrl, [
      "SELECT audit_prepare_month((now() - interval '90 days')::timestamp), audit_prepare_month(now()::timestamp)",
      forged('ROLE_CHANGE', {}, old),
      RETENTION(30),
    ])
    expect(made).toBeUndefined()
    const remove = 'SELECT audit_remove(ARRAY[1])'
    expect(await attempt(other.applicationUrl, [remove])).toMatchObject({
      message: expect.stringMatching(/leave only by/),
    })
    // The same entry in the same transaction would do.
    expect(await attempt(other.applicationUrl, [RETENTION(30, { seq: '1000001' }), remove])).toBeUndefined()
  })

  test('a month that has entries is not dropped, nor by who sees it as it was', async () => {
    const before = await months()
    await ask(roles.applicationUrl, 'SELECT audit_drop_empty_month()')
    expect(await months()).toEqual(before)
    const old = ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'SELECT audit_drop_empty_month()']
    await expectRefused(old, '25000', /READ COMMITTED/)
  })
})
