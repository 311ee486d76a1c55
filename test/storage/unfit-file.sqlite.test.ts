import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
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
const USERS = 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)'

describe('another program’s database', () => {
  test.each([
    ['with a table', [POSTS], 'the table posts'],
    ['with one that is called like one of ours', [USERS, POSTS], 'the table users and 1 more'],
    ['that Prisma migrates too', ['CREATE TABLE "_prisma_migrations" (id TEXT)', POSTS], 'the table posts'],
    ['with a virtual table', ['CREATE VIRTUAL TABLE notes USING fts5(text)'], 'the table notes and 5 more'],
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

describe('doctor tries what the bot will do', () => {
  test('and tells of a file that another program locks', async () => {
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
