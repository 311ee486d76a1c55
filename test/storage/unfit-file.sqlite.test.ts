import { createHash } from 'node:crypto'
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { asNobody } from '../support/as-nobody.ts'
import { openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { environmentOf } from '../support/database.ts'

const look = (path: string) =>
  onCommandLine(() => doctor([]), { ...environmentOf(path), OWNER_PHONE_NUMBERS: '+15550000101' })

/** What each file of a folder has in it. */
const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )

const POSTS = 'CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT)'
const PRISMA = [
  'CREATE TABLE "_prisma_migrations" (migration_name TEXT)',
  'INSERT INTO "_prisma_migrations" VALUES (\'20200101000000_init_blog\')',
]
const USERS = 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)'

describe('another program’s database', () => {
  test.each([
    ['with a table', [POSTS], 'the table posts'],
    ['with one that is called like one of ours', [USERS, POSTS], 'the table users and 1 more'],
    ['that Prisma migrates too', [POSTS, 'CREATE TABLE "_prisma_migrations" (id TEXT)'], 'the table posts and 1 more'],
    ['that only Prisma has begun', [...PRISMA], 'the table _prisma_migrations'],
    ['with a log called like ours', ['CREATE TABLE audit_logs (id TEXT)'], 'the table audit_logs'],
    ['with a virtual table', ['CREATE VIRTUAL TABLE notes USING fts5(text)'], 'the table notes and 5 more'],
    ['with a view alone', ['CREATE VIEW one AS SELECT 1'], 'the table one'],
    ['in WAL mode', ['PRAGMA journal_mode = WAL', POSTS], 'the table posts'],
  ])('%s is refused by a start and by doctor, and no byte of it changes', async (_, statements, what) => {
    const folder = temporaryFolder()
    const path = join(folder, 'app.db')
    const other = new Database(path)
    for (const sql of statements) other.exec(sql)
    other.close()
    const before = contents(folder)
    await expect(openDatabase(`file:${path}`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`another program’s database, with ${what}.*file:./data/chatwarden.db`)),
    })
    expect(await look(path)).toMatchObject({
      code: 3,
      out: expect.stringContaining(`another program’s database, with ${what}`),
    })
    expect(contents(folder)).toEqual(before)
  })
})

/** A trail that nobody uses. */
async function closedTrail(): Promise<TestWarden> {
  const cleanUps: (() => unknown)[] = []
  const warden = await openTestWarden({}, temporaryFolder(), (cleanUp) => void cleanUps.push(cleanUp))
  await cleanUps.at(-1)?.()
  return warden
}

test('a write-ahead log that another program left stays where it is', async () => {
  const folder = temporaryFolder()
  const other = new Database(join(folder, 'app.db'))
  other.pragma('journal_mode = WAL')
  other.exec(POSTS)
  const left = temporaryFolder()
  for (const name of ['app.db', 'app.db-wal']) cpSync(join(folder, name), join(left, name))
  other.close()
  const path = join(left, 'app.db')
  const before = contents(left)
  await expect(openDatabase(`file:${path}`)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(await look(path)).toMatchObject({ code: 3 })
  const { 'app.db-shm': _shm, ...after } = contents(left)
  expect(after).toEqual(before)
})

test('a trail whose tables somebody took is no other program’s', async () => {
  const { path } = await closedTrail()
  const other = new Database(path)
  other.exec('DROP TABLE audit_logs; ALTER TABLE audit_head RENAME TO gone')
  other.close()
  await expect(openDatabase(`file:${path}`)).rejects.toMatchObject({ code: 'SCHEMA_ALTERED' })
  expect((await look(path)).out).toMatch(/✘ Schema: changed from outside/)
})

describe('doctor tries what the bot will do', () => {
  test('and tells of a file that another program locks', async () => {
    const { path } = await closedTrail()
    const other = new Database(path)
    try {
      other.exec('BEGIN IMMEDIATE')
      expect(await look(path)).toMatchObject({
        code: 3,
        out: expect.stringMatching(/✘ Database: .*another program keeps it locked\n.*fuser FILE/),
      })
    } finally {
      other.close()
    }
    expect(await look(path)).toMatchObject({ code: 0 })
  })

  test.each([
    ['a file', 0o444, 0o777],
    ['a folder', 0o666, 0o555],
  ])('and tells of %s that its user may not write', async (_, fileMode, folderMode) => {
    const { path, folder } = await closedTrail()
    chmodSync(path, fileMode)
    chmodSync(folder, folderMode)
    expect(await asNobody(() => look(path))).toMatchObject({
      code: 3,
      out: expect.stringMatching(
        /✘ Database: .*(?:EACCES|readonly database|unable to open).*\n.*able to read and write it/,
      ),
    })
    chmodSync(folder, 0o700)
  })

  test('beside a bot that runs, and changes nothing of what one that was killed has left', async () => {
    const warden = await openTestWarden()
    expect(await look(warden.path)).toMatchObject({ code: 0 })
    // As a machine that went down leaves it: what was written last is beside the file.
    const left = temporaryFolder()
    for (const name of readdirSync(warden.folder))
      cpSync(join(warden.folder, name), join(left, name), { recursive: true })
    const path = join(left, 'chatwarden.db')
    const before = contents(left)
    expect(before['chatwarden.db-wal']).toBeDefined()
    expect(await look(path)).toMatchObject({ code: 0 })
    const { 'chatwarden.db-shm': _shm, ...after } = contents(left)
    const { 'chatwarden.db-shm': _before, ...kept } = before
    expect(after).toEqual(kept)
  })
})
