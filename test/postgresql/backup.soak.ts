import { execFileSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { run as backup } from '../../src/cli/backup.ts'
import { run as checkpoint } from '../../src/cli/checkpoint.ts'
import { run as restore } from '../../src/cli/restore.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { OWNER, openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { codeIn } from '../support/confirming.ts'
import { type DebianServer, startDebianServer } from '../support/debian-server.ts'
import { ask, makeTwoRoles, type TwoRoles, urlOf } from '../support/two-roles.ts'

const { add: atEnd } = shareCleanUps()
let server: DebianServer
let roles: TwoRoles
let folder: string
let file: string

beforeAll(async () => {
  server = await startDebianServer(atEnd)
  roles = await makeTwoRoles(server.url, atEnd)
  // Only a superuser could make it again.
  await ask(roles.adminUrl, 'CREATE EXTENSION pg_stat_statements')
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, 7)
  folder = temporaryFolder(atEnd)
  await withBot(async (warden) => {
    for (let n = 0; n < 20; n++)
      await warden.AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  })
})

async function withBot(work: (warden: Awaited<ReturnType<typeof openTestWarden>>) => Promise<void>): Promise<void> {
  const closing: (() => void | Promise<void>)[] = []
  const env = { DATABASE_URL: roles.applicationUrl }
  const warden = await openTestWarden({ env }, folder, (cleanUp) => void closing.push(cleanUp))
  await work(warden)
  for (const cleanUp of closing.reverse()) await cleanUp()
}

const onCli = (run: (args: string[]) => Promise<number>, args: string[], env: Record<string, string> = {}) =>
  onCommandLine(() => run(args), {
    DATABASE_URL: roles.applicationUrl,
    DATA_DIR: folder,
    PATH: `${server.programs}:${process.env.PATH}`,
    ...env,
  })

const dumpsIn = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.dump'))

/** An empty database with the same two roles. */
async function emptyDatabase(name: string): Promise<Record<string, string>> {
  const database = `${roles.database}_${name}`
  await ask(server.url, `CREATE DATABASE ${database} OWNER ${roles.owner}`)
  atEnd(async () => void (await ask(server.url, `DROP DATABASE ${database} WITH (FORCE)`)))
  return {
    DATABASE_URL: urlOf(roles.applicationUrl, { database }),
    DATABASE_OWNER_URL: urlOf(roles.ownerUrl, { database }),
    // The files of the bot are named after the database: those of the new one are to be those of the old.
    AUDIT_SIGNING_KEY: readFileSync(join(folder, `${roles.database}.signing-key`), 'utf8').trim(),
  }
}

const tables = (env: Record<string, string>) =>
  ask(env.DATABASE_OWNER_URL ?? '', "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")

describe('backup', () => {
  test('as a role that can only add: the file is read, and its tree not verified, which is said', async () => {
    const directory = temporaryFolder()
    const { code, out } = await onCli(backup, [directory])
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('its tree was not verified') })
    expect(out).toMatch(/checkpoint of \d+, \d+ bytes, SHA-256/)
    expect(out).not.toContain(':secret@')
    expect(readdirSync(directory)).toHaveLength(3)
  })

  test('as who may make databases: the copy was restored and verified, and nothing of that is left', async () => {
    const directory = temporaryFolder(atEnd)
    await ask(server.url, `ALTER ROLE ${roles.owner} CREATEDB`)
    const before = await onCli(checkpoint, ['--no-entry'])
    const { code, out } = await onCli(backup, [directory], { DATABASE_OWNER_URL: roles.ownerUrl })
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/\d+ entries, checkpoint of \d+/) })
    const [name = ''] = dumpsIn(directory)
    file = join(directory, name)
    expect(readFileSync(`${file}.checkpoint`, 'utf8')).toBe(before.out)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await ask(server.url, "SELECT 1 FROM pg_database WHERE datname LIKE 'chatwarden_check%'")).toEqual([])
  })

  test('a changed trail is not kept', async () => {
    const directory = temporaryFolder()
    const change = (text: string) =>
      ask(
        roles.ownerUrl,
        `ALTER TABLE audit_logs DISABLE TRIGGER USER; UPDATE audit_logs SET description = description ${text} WHERE seq = 3; ALTER TABLE audit_logs ENABLE TRIGGER USER`,
      )
    await change("|| 'x'")
    const { code, out } = await onCli(backup, [directory], { DATABASE_OWNER_URL: roles.ownerUrl })
    await ask(
      roles.ownerUrl,
      'ALTER TABLE audit_logs DISABLE TRIGGER USER; UPDATE audit_logs SET description = left(description, -1) WHERE seq = 3; ALTER TABLE audit_logs ENABLE TRIGGER USER',
    )
    expect({ code, out }).toMatchObject({ code: 5, out: expect.stringContaining('The copy is not kept.') })
    expect(readdirSync(directory)).toEqual([])
  })

  test('one in which an index leads to other rows than there are is not kept', async () => {
    const index = "indexrelid = 'users_role_idx'::regclass"
    for (const sql of [
      `UPDATE pg_index SET indisready = false WHERE ${index}`,
      'CREATE TABLE roles_before AS SELECT id, role FROM users',
      "UPDATE users SET role = 'USER'",
      `UPDATE pg_index SET indisready = true WHERE ${index}`,
    ])
      await ask(sql.includes('pg_index') ? roles.adminUrl : roles.ownerUrl, sql)
    const directory = temporaryFolder()
    const { code, out } = await onCli(backup, [directory], { DATABASE_OWNER_URL: roles.ownerUrl })
    for (const sql of [
      'UPDATE users u SET role = b.role FROM roles_before b WHERE b.id = u.id',
      'DROP TABLE roles_before',
      'REINDEX INDEX users_role_idx',
    ])
      await ask(sql.includes('pg_index') ? roles.adminUrl : roles.ownerUrl, sql)
    expect({ code, out }).toMatchObject({
      code: 5,
      out: expect.stringMatching(/^damaged: index users_role_idx on users/m),
    })
    expect(readdirSync(directory)).toEqual([])
  })

  test('a program that is missing or too old is told of', async () => {
    const directory = temporaryFolder()
    const missing = await onCli(backup, [directory], { PATH: '/nowhere' })
    expect(missing).toMatchObject({ code: 3, out: expect.stringContaining('pg_dump is not on the PATH: install') })
    const programs = temporaryFolder()
    const said = 'pg_dump: error: aborting because of server version mismatch'
    writeFileSync(join(programs, 'pg_dump'), `#!/bin/sh\necho '${said}' >&2\nexit 1\n`, { mode: 0o755 })
    const old = await onCli(backup, [directory], { PATH: `${programs}:${process.env.PATH}` })
    expect(old).toMatchObject({ code: 3, out: expect.stringContaining('server version mismatch') })
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('restore', () => {
  test('into an empty database, with its rights, and the trail goes on', async () => {
    const env = await emptyDatabase('whole')
    const { code, out } = await onCli(restore, ['--checkpoint', `${file}.checkpoint`, file], env)
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/It extends the checkpoint of \d+ entries/),
    })
    expect(out).toMatch(/Restored postgresql:\S+_whole: \d+ bytes/)
    expect(await onCli(verify, [], env)).toMatchObject({ code: 0 })
    const policy = await ask(env.DATABASE_OWNER_URL ?? '', 'SELECT minimum_days FROM audit_policy')
    expect(policy).toEqual([{ minimum_days: 7 }])
    await expect(ask(env.DATABASE_URL ?? '', 'DELETE FROM audit_logs')).rejects.toThrow(/permission denied/)
    await expect(ask(env.DATABASE_OWNER_URL ?? '', 'UPDATE audit_logs SET seq = 0')).rejects.toThrow(/immutable/)
    const again = await onCli(restore, [file], env)
    expect(again).toMatchObject({ code: 3, out: expect.stringContaining('is not empty') })
  })

  test('carries out again the erasures since', async () => {
    await withBot(async (warden) => {
      const text = await warden.ask(OWNER, `!config audit erase ${STRANGER}`)
      expect(await warden.say(OWNER, `!config confirm ${codeIn(text)}`)).toMatchObject({ status: 'answered' })
    })
    const env = await emptyDatabase('erased')
    const journal = join(folder, `${roles.database}.erasures`)
    const { code, out } = await onCli(restore, ['--erasures', journal, file], env)
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('Later erasures carried out again: 1'),
    })
    const left = await ask(env.DATABASE_URL ?? '', `SELECT 1 FROM audit_logs WHERE account = '${STRANGER}'`)
    expect(left).toEqual([])
    expect(await onCli(verify, [], env)).toMatchObject({ code: 0 })
  })

  test('a damaged file, or one that is another, leaves nothing', async () => {
    const env = await emptyDatabase('damaged')
    const directory = temporaryFolder()
    const copy = join(directory, 'chatwarden-20260101T000000Z.dump')
    writeFileSync(copy, readFileSync(file))
    truncateSync(copy, statSync(file).size - 3000)
    expect(await onCli(restore, [copy], env)).toMatchObject({
      code: 5,
      out: expect.stringContaining('Nothing was restored.'),
    })
    writeFileSync(copy, 'no dump at all')
    expect(await onCli(restore, [directory], env)).toMatchObject({ code: 5 })
    writeFileSync(copy, readFileSync(file))
    appendFileSync(`${copy}.sha256`, `${'0'.repeat(64)}  x\n`)
    expect(await onCli(restore, [copy], env)).toMatchObject({ code: 5, out: expect.stringContaining('says otherwise') })
    expect(await tables(env)).toEqual([])
  })

  test('a dump in which something would change rows leaves nothing; what keeps entries is put back', async () => {
    const source = await emptyDatabase('source')
    await onCli(restore, [file], source)
    const dumped = async (...changes: string[]) => {
      for (const sql of changes) await ask(source.DATABASE_OWNER_URL ?? '', sql)
      const path = join(temporaryFolder(), 'chatwarden-20260101T000000Z.dump')
      const how = ['--format=custom', '--no-owner', '--no-acl', `--file=${path}`, source.DATABASE_OWNER_URL ?? '']
      execFileSync(join(server.programs, 'pg_dump'), how)
      return path
    }
    const without = await dumped(
      'DROP TRIGGER audit_logs_refuse_update ON audit_logs',
      'CREATE VIEW report AS SELECT action, count(*) FROM audit_logs GROUP BY 1',
    )
    const env = await emptyDatabase('unguarded')
    expect(await onCli(restore, [without], env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('missing trigger: trigger audit_logs_refuse_update on audit_logs is missing'),
    })
    expect(await onCli(verify, [], env)).toMatchObject({ code: 0, out: expect.stringContaining('view report') })
    const evil = await dumped(
      "CREATE FUNCTION promote() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE users SET role = 'OWNER'; RETURN NEW; END$$",
      'CREATE TRIGGER promote AFTER INSERT ON processed_messages FOR EACH ROW EXECUTE FUNCTION promote()',
    )
    const place = await emptyDatabase('promoted')
    expect(await onCli(restore, [evil], place)).toMatchObject({
      code: 5,
      out: expect.stringContaining('trigger promote on processed_messages is not of Chatwarden'),
    })
    expect(await tables(place)).toEqual([])
  })

  test('a backup that another key signed leaves nothing', async () => {
    const env = { ...(await emptyDatabase('other')), AUDIT_SIGNING_KEY: '' }
    const { code, out } = await onCli(restore, [file], env)
    expect({ code, out }).toMatchObject({ code: 3, out: expect.stringContaining('there is no key') })
    expect(await tables(env)).toEqual([])
  })
})

test('the programs are not called with a password', async () => {
  const programs = temporaryFolder()
  const seen = join(programs, 'seen')
  writeFileSync(join(programs, 'pg_dump'), `#!/bin/sh\necho "$@" > '${seen}'\nexit 1\n`, { mode: 0o755 })
  await onCli(backup, [temporaryFolder()], { PATH: `${programs}:${process.env.PATH}` })
  expect(readFileSync(seen, 'utf8')).toContain('passfile=')
  expect(readFileSync(seen, 'utf8')).not.toContain('secret')
  vi.unstubAllEnvs()
})
