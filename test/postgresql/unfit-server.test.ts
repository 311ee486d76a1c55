import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { run as migrate } from '../../src/cli/migrate.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { withClient } from '../../src/storage/postgresql/client.ts'
import { connectionTo } from '../../src/storage/postgresql/connection.ts'
import { unfitnessOf } from '../../src/storage/postgresql/fitness.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { schemaDeviations } from '../../src/storage/schema/schema.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'
import { OWNER, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { serverUrl } from '../support/server-url.ts'
import { ask, makeTwoRoles, urlOf } from '../support/two-roles.ts'

const opened = async (url: string): Promise<void> => (await openDatabase(url)).close()
const environmentOf = (url: string, ownerUrl = url) => ({
  DATABASE_URL: url,
  DATABASE_OWNER_URL: ownerUrl,
  DATA_DIR: temporaryFolder(),
  OWNER_PHONE_NUMBERS: OWNER,
  CHAT: 'terminal',
})
const look = (url: string) => onCommandLine(() => doctor([]), environmentOf(url))
const tables = (url: string) => ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

describe('a database that keeps text in', () => {
  test.each(['LATIN1', 'EUC_JP', 'SQL_ASCII', 'WIN1252', 'ISO_8859_5'])(
    '%s is refused before the first table, by a start, migrate and doctor',
    async (encoding) => {
      const database = `ops_${randomBytes(6).toString('hex')}`
      await ask(serverUrl(), `CREATE DATABASE ${database} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`)
      onTestFinished(async () => void (await ask(serverUrl(), `DROP DATABASE ${database} WITH (FORCE)`)))
      const url = urlOf(serverUrl(), { database })
      const refused = {
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(new RegExp(`keeps text in ${encoding}, .*createdb --encoding=UTF8`)),
      }
      await expect(opened(url)).rejects.toMatchObject(refused)
      await expect(onCommandLine(() => migrate([]), environmentOf(url))).rejects.toMatchObject(refused)
      const { code, out } = await look(url)
      expect({ code, out }).toMatchObject({ code: 3, out: expect.stringContaining(`keeps text in ${encoding}`) })
      expect(out).toContain('createdb --encoding=UTF8')
      expect(await tables(url)).toEqual([])
    },
  )
})

test.each([
  [{ version: 139_999 }, /is PostgreSQL 13\.9999/],
  [{ isReplica: true }, /read replica/],
  [{ isSwitched: true }, /pooler/],
  [{ encoding: 'LATIN9' }, /LATIN9/],
  [{ settings: ['zero_damaged_pages is on'] }, /zero_damaged_pages is on/],
])('%j is unfit', (different, expected) => {
  const fit = { version: 180_000, encoding: 'UTF8', isReplica: false, isSwitched: false, settings: [] }
  expect(unfitnessOf(fit)).toBeUndefined()
  expect(unfitnessOf({ ...fit, ...different })?.text).toMatch(expected)
})

describe('a setting that only a superuser may change', () => {
  test.each(['session_replication_role = replica', 'zero_damaged_pages = on', 'ignore_checksum_failure = on'])(
    '%s is refused before the first table, by its name',
    async (setting) => {
      const { adminUrl, ownerUrl, applicationUrl, database } = await makeTwoRoles()
      await ask(adminUrl, `ALTER DATABASE ${database} SET ${setting}`)
      const [name = ''] = setting.split(' ')
      const refused = { code: 'CONFIG_INVALID', message: expect.stringContaining(`${name} is `) }
      for (const url of [ownerUrl, adminUrl]) await expect(opened(url)).rejects.toMatchObject(refused)
      await expect(onCommandLine(() => migrate([]), environmentOf(applicationUrl, ownerUrl))).rejects.toMatchObject(
        refused,
      )
      expect(await look(ownerUrl)).toMatchObject({
        code: 3,
        out: expect.stringMatching(`✘ Database: .*${name} is .*\n.*RESET NAME`),
      })
      expect(await tables(adminUrl)).toEqual([])
    },
  )
})

test('what is set for a trail keeps a bot from it, and nobody from looking at it', async () => {
  const { adminUrl, ownerUrl, applicationUrl, database } = await makeTwoRoles()
  await migrateAsOwner(ownerUrl, applicationUrl, undefined)
  await ask(adminUrl, `ALTER DATABASE ${database} SET zero_damaged_pages = on`)
  await expect(opened(applicationUrl)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/zero_damaged_pages is on.*RESET NAME/),
  })
  expect(await withSnapshot(applicationUrl, schemaDeviations)).toMatchObject({ refused: [], isReadable: true })
})

describe('doctor tries what the bot will do', () => {
  test('and tells of a transaction that keeps the trail locked', async () => {
    const roles = await makeTwoRoles()
    await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
    const holder = new Client(roles.adminUrl)
    await holder.connect()
    try {
      await holder.query('BEGIN; SELECT 1 FROM audit_head FOR UPDATE')
      expect(await look(roles.applicationUrl)).toMatchObject({
        code: 3,
        out: expect.stringMatching(/✘ Writing: .*lock timeout\n.*pg_stat_activity/),
      })
    } finally {
      await holder.end()
    }
    expect((await look(roles.applicationUrl)).out).not.toContain('Writing')
  })

  test.each(['audit_head', 'users', '_prisma_migrations'])(
    'and waits for no lock of a whole table: %s',
    async (table) => {
      const roles = await makeTwoRoles()
      await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
      const holder = new Client(roles.adminUrl)
      await holder.connect()
      try {
        await holder.query(`BEGIN; LOCK TABLE ${table}`)
        expect(await look(roles.applicationUrl)).toMatchObject({
          code: 3,
          out: expect.stringMatching(/✘ (?:Writing|Schema): .*(?:lock|cannot be used)/),
        })
      } finally {
        await holder.end()
      }
    },
  )

  test('and tells of a right to it that is missing', async () => {
    const roles = await makeTwoRoles()
    await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
    await ask(roles.ownerUrl, `REVOKE UPDATE ON audit_head FROM ${roles.application}`)
    expect(await look(roles.applicationUrl)).toMatchObject({
      code: 3,
      out: expect.stringMatching(/✘ Writing: .*permission denied for table audit_head/),
    })
  })
})

test('what PGOPTIONS says in the environment goes to no server: a pooler would refuse it', async () => {
  process.env.PGOPTIONS = '-c geqo=off'
  try {
    expect(await withClient(serverUrl(), {}, async (client) => (await client.query('SHOW geqo')).rows)).toEqual([
      { geqo: 'on' },
    ])
  } finally {
    delete process.env.PGOPTIONS
  }
})

test.each([
  ['postgresql://bot:x@[::1]/chatwarden', '::1', 5432],
  ['postgresql://bot:x@[2001:db8::7]:6432/chatwarden?sslmode=require', '2001:db8::7', 6432],
  ['postgresql://bot:x@localhost/chatwarden?host=[::1]', '::1', 5432],
  ['postgresql://bot:x@127.0.0.1:1/chatwarden', '127.0.0.1', 1],
  ['postgresql://bot:x@db.example:1/chatwarden?sslmode=require', 'db.example', 1],
])('%s names %s', (url, host, port) => {
  expect(connectionTo(url, 'owner')).toMatchObject({ host, port })
})
