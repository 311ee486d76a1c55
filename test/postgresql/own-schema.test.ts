import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { run as migrate } from '../../src/cli/migrate.ts'
import { integrityProblems } from '../../src/storage/integrity.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { schemaDeviations } from '../../src/storage/schema/schema.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'

const deviations = (url: string) => withSnapshot(url, schemaDeviations)
/** To the bot; who owns the tables is told that there is one. */
const NONE = { refused: [], missing: [], foreign: [], isReadable: true }

/** A bot of least privilege, which has run once. */
async function ran() {
  const roles = await makeTwoRoles()
  const folder = temporaryFolder()
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
  const env = { DATABASE_URL: roles.applicationUrl, DATABASE_OWNER_URL: roles.ownerUrl, DATA_DIR: folder }
  const start = () => openTestWarden({ env }, folder)
  await (await start()).close()
  const [{ month } = { month: '' }] = await ask<{ month: string }>(
    roles.adminUrl,
    "SELECT relname AS month FROM pg_class WHERE relname LIKE 'audit\\_logs\\_y%' AND relkind = 'r' ORDER BY 1 LIMIT 1",
  )
  return { roles, env, start, month }
}

describe('a bot of least privilege', () => {
  test.each([
    [
      'missing',
      'DROP TRIGGER audit_logs_refuse_update ON audit_logs',
      /audit_logs_refuse_update on audit_logs is missing/,
    ],
    [
      'switched off for a month',
      'ALTER TABLE MONTH DISABLE TRIGGER audit_logs_refuse_update',
      /audit_logs_refuse_update on audit_logs_y\d+m\d+ is switched off/,
    ],
    [
      'missing for a month',
      'DROP TRIGGER audit_logs_refuse_truncate ON MONTH',
      /audit_logs_refuse_truncate on audit_logs_y\d+m\d+ is missing/,
    ],
  ])(
    'does not start where what keeps entries is %s; chatwarden migrate puts it back, with an entry',
    async (_, sql, what) => {
      const { roles, env, start, month } = await ran()
      await ask(roles.ownerUrl, sql.replace('MONTH', month))
      await expect(start()).rejects.toMatchObject({ code: 'SCHEMA_ALTERED', message: expect.stringMatching(what) })
      await expect(start()).rejects.toThrow(/chatwarden migrate/)
      const { code, out } = await onCommandLine(() => migrate([]), env)
      expect({ code, out }).toMatchObject({
        code: 0,
        out: expect.stringMatching(new RegExp(`Put back: .*${what.source}`)),
      })
      const warden = await start()
      expect(await warden.AuditLogRepository.findByAction('DATABASE_TRIGGERS_RESTORED')).toMatchObject([
        { source: 'cli', phoneNumber: 'SYSTEM' },
      ])
      expect(await deviations(roles.applicationUrl)).toEqual(NONE)
    },
  )

  test('is the only one who may change rows, and whoever looks sees that', async () => {
    const { roles, start } = await ran()
    const seenBy = async ({ ownerUrl, applicationUrl, adminUrl }: TwoRoles) =>
      Promise.all([ownerUrl, applicationUrl, adminUrl].map(async (url) => (await deviations(url)).refused))
    expect(await seenBy(roles)).toEqual([[], [], []])
    const other = await makeTwoRoles()
    await ask(roles.ownerUrl, `GRANT INSERT, UPDATE, DELETE ON users TO ${other.application}`)
    const told = `right of ${other.application} to change users`
    expect(await seenBy(roles)).toEqual([[told], [told], [told]])
    await expect(start()).rejects.toMatchObject({ code: 'SCHEMA_ALTERED', message: expect.stringContaining(told) })
    await ask(roles.ownerUrl, `REVOKE ALL ON users FROM ${other.application}`)
    await ask(roles.ownerUrl, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${other.application}`)
    expect((await deviations(roles.applicationUrl)).foreign).toMatchObject([
      { what: expect.stringMatching(new RegExp(`^right of ${other.application} to read .* and \\d+ more$`)) },
    ])
    await (await start()).close()
    await ask(roles.adminUrl, `DROP OWNED BY ${other.application}`)
  })
})

test('months that are made and dropped meanwhile keep nobody from starting or verifying', async () => {
  const { roles, start } = await ran()
  let isOver = false
  const churn = async () => {
    const client = new Client(roles.adminUrl)
    await client.connect()
    // Of long ago and empty, they may be dropped at once.
    for (let n = 0; !isOver; n++) {
      await client.query(`SELECT public.audit_prepare_month('${1990 + (n % 4)}-05-01')`)
      await client.query('SELECT public.audit_drop_empty_month()').catch(() => {})
    }
    await client.end()
  }
  const churning = churn()
  try {
    for (let n = 0; n < 12; n++) {
      await (await start()).close()
      expect(await deviations(roles.applicationUrl)).toEqual(NONE)
      expect(await withSnapshot(roles.ownerUrl, integrityProblems)).toEqual([])
    }
  } finally {
    isOver = true
    await churning
  }
})

test('settings of the database by which a server writes otherwise are no deviation', async () => {
  const { roles, start } = await ran()
  for (const setting of ["quote_all_identifiers = 'on'", "IntervalStyle = 'iso_8601'", "DateStyle = 'German'"])
    await ask(roles.adminUrl, `ALTER DATABASE ${roles.database} SET ${setting}`)
  expect(await deviations(roles.applicationUrl)).toEqual(NONE)
  await (await start()).close()
})

/** An index that leads to less rows than there are: rows were changed while it slept. */
const SLEPT = [
  "UPDATE pg_index SET indisready = false WHERE indexrelid = 'users_role_idx'::regclass",
  "UPDATE users SET role = 'USER', updated_at = updated_at + interval '1 s'",
  "UPDATE pg_index SET indisready = true WHERE indexrelid = 'users_role_idx'::regclass",
]

describe.each([
  ['without amcheck', []],
  ['with amcheck', ['CREATE EXTENSION amcheck']],
])('%s', (_name, extension) => {
  test('an index that misses rows is found, by verify and doctor', async () => {
    const { roles, env } = await ran()
    for (const sql of extension) await ask(roles.adminUrl, sql)
    expect(await withSnapshot(roles.adminUrl, integrityProblems)).toEqual([])
    for (const sql of SLEPT) await ask(roles.adminUrl, sql)
    const problems = await withSnapshot(roles.adminUrl, integrityProblems)
    expect(problems).toContainEqual(expect.stringContaining('index users_role_idx on users: '))
    expect(problems).toHaveLength(1 + extension.length)
    const { code, out } = await onCommandLine(() => doctor([]), env)
    expect({ code, out }).toMatchObject({
      code: 3,
      out: expect.stringMatching(/✘ Database: .*users_role_idx on users/),
    })
  })
})
