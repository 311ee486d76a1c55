import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { readMigrations } from '../../src/storage/migration-files.ts'
import { migrate } from '../../src/storage/migrations.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, ROOT, runNode } from '../support/child.ts'

const SHIPPED = join(ROOT, 'prisma/sqlite/migrations')

/** A copy of the shipped migrations, to be changed, and a database file beside it. */
function copyOfMigrations() {
  const folder = temporaryFolder()
  const directory = join(folder, 'migrations')
  cpSync(SHIPPED, directory, { recursive: true })
  const add = (name: string, sql: string) => {
    mkdirSync(join(directory, name))
    writeFileSync(join(directory, name, 'migration.sql'), sql)
  }
  return { directory, path: join(folder, 'test.db'), add }
}

function inDatabase<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const tablesOf = (path: string) =>
  inDatabase(path, (database) =>
    database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all(),
  )

/** Every table with its columns and indexes, as SQLite itself understands them. */
function structure(database: Database.Database): unknown {
  const tables = database
    .prepare<[], string>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_prisma%' ESCAPE '\\' ORDER BY name",
    )
    .pluck()
    .all()
  const pragma = (name: string, of: string) => database.pragma(`${name}("${of}")`) as Record<string, unknown>[]
  return tables.map((table) => ({
    table,
    columns: pragma('table_info', table),
    indexes: pragma('index_list', table)
      .map(({ name, unique, origin }) => ({ name, unique, origin, columns: pragma('index_info', String(name)) }))
      .sort((a, b) => String(a.name).localeCompare(String(b.name))),
  }))
}

const NAMES = ['20261121000000_init']

describe('the schema', () => {
  test('is the same in schema.prisma and in the committed SQL', async () => {
    const { stdout } = await runNode(['scripts/schema-sql.mjs'])
    const wanted = new Database(':memory:')
    wanted.exec(stdout)
    const shipped = new Database(':memory:')
    for (const { sql } of readMigrations(SHIPPED)) shipped.exec(sql)
    expect(structure(wanted)).toHaveProperty('length', 30)
    expect(structure(shipped)).toEqual(structure(wanted))
  })
})

describe('migrations', () => {
  test('are recorded as Prisma records them, by name and SHA-256 of the file', async () => {
    const { directory, path } = copyOfMigrations()
    await migrate(path, directory)
    const rows = inDatabase(path, (database) => database.prepare('SELECT * FROM _prisma_migrations').all())
    expect(rows).toEqual(
      NAMES.map((name) =>
        expect.objectContaining({
          migration_name: name,
          checksum: createHash('sha256')
            .update(readFileSync(join(SHIPPED, name, 'migration.sql')))
            .digest('hex'),
          applied_steps_count: 1,
          rolled_back_at: null,
          finished_at: expect.any(Number),
        }),
      ),
    )
  })

  test('that are new are applied to an existing file, once', async () => {
    const { directory, path, add } = copyOfMigrations()
    await migrate(path, directory)
    add('20990101000000_next', 'CREATE TABLE next (id INTEGER); INSERT INTO next VALUES (1);')
    await migrate(path, directory)
    await migrate(path, directory)
    expect(inDatabase(path, (database) => database.prepare('SELECT * FROM next').all())).toEqual([{ id: 1 }])
  })

  test('that were edited after they were applied refuse to start, by name', async () => {
    const { directory, path } = copyOfMigrations()
    await migrate(path, directory)
    const before = readFileSync(path)
    appendFileSync(join(directory, '20261121000000_init/migration.sql'), '\n-- edited\n')
    await expect(migrate(path, directory)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('20261121000000_init was edited'),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('that fail leave nothing half-done, and work once they are right', async () => {
    const { directory, path, add } = copyOfMigrations()
    add('20990101000000_broken', 'CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);')
    await expect(migrate(path, directory)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/20990101000000_broken.*nowhere/),
    })
    expect(tablesOf(path)).toEqual([])
    writeFileSync(join(directory, '20990101000000_broken/migration.sql'), 'CREATE TABLE half (id INTEGER);')
    await migrate(path, directory)
    expect(tablesOf(path)).toContain('half')
  })

  test('that find no room on the disk are told as that, not as wrong', async () => {
    const { directory, path, add } = copyOfMigrations()
    add(
      '20990101000000_large',
      'PRAGMA max_page_count = 500; CREATE TABLE large (it BLOB); INSERT INTO large VALUES (zeroblob(9000000));',
    )
    await expect(migrate(path, directory)).rejects.toMatchObject({ code: 'SQLITE_FULL' })
    expect(tablesOf(path)).toEqual([])
  })

  test('that Prisma began and never finished refuse to start, by name', async () => {
    const { directory, path } = copyOfMigrations()
    await migrate(path, directory)
    inDatabase(path, (database) => database.exec('UPDATE _prisma_migrations SET finished_at = NULL'))
    await expect(migrate(path, directory)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('20261121000000_init was started and never finished'),
    })
  })

  test('of a newer version refuse to start, by name', async () => {
    const { directory, path, add } = copyOfMigrations()
    add('20990101000000_next', 'CREATE TABLE next (id INTEGER);')
    await migrate(path, directory)
    await expect(openTestWarden({ env: { DATABASE_URL: `file:${path}` } })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('20990101000000_next, made by a newer version'),
    })
  })
})

describe('opening', () => {
  test('a new file from several processes at once applies each migration and seed once, and all work', async () => {
    const folder = temporaryFolder()
    const env = {
      DATABASE_URL: `file:${join(folder, 'new.db')}`,
      DATA_DIR: folder,
      OWNER_PHONE_NUMBERS: '+15550000101',
    }
    const open = () => runNode([child('open-once.mjs')], { env })
    const ended = await Promise.all(Array.from({ length: 4 }, open))
    expect(ended.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }))).toEqual(
      ended.map(() => ({ code: 0, stdout: 'stored\n', stderr: '' })),
    )
    const { migrations, actions } = inDatabase(join(folder, 'new.db'), (database) => ({
      migrations: database.prepare('SELECT migration_name FROM _prisma_migrations').pluck().all(),
      actions: database.prepare('SELECT action FROM audit_logs ORDER BY seq').pluck().all(),
    }))
    expect(migrations).toEqual(NAMES)
    expect(actions.filter((action) => action === 'ROLE_CHANGE')).toHaveLength(1)
    expect(actions.filter((action) => action === 'CONVERSATION_RESET')).toHaveLength(4)
  })

  test('a file that is up to date writes nothing', async () => {
    const folder = temporaryFolder()
    const first = await openTestWarden({}, folder)
    await first.close()
    const before = readFileSync(first.path)
    const second = await openTestWarden({}, folder)
    await second.close()
    expect(readFileSync(first.path).equals(before)).toBe(true)
  })

  test('a file in a folder that does not exist yet makes the folder', async () => {
    const path = join(temporaryFolder(), 'a/b/c.db')
    const warden = await openTestWarden({ env: { DATABASE_URL: `file:${path}` } })
    expect(await warden.AuditLogRepository.count()).toBeGreaterThan(0)
  })

  test('a file that is no database says which variable is wrong', async () => {
    const path = join(temporaryFolder(), 'text.db')
    writeFileSync(
      path,
      'This is a text, and not a short one, so that it is not taken for an empty database.'.repeat(20),
    )
    await expect(openTestWarden({ env: { DATABASE_URL: `file:${path}` } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('DATABASE_URL'),
    })
  })
})
