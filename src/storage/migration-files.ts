import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChatwardenError } from '../kernel/errors.ts'
import { sha256OfText } from '../kernel/sha256.ts'

export interface Migration {
  readonly name: string
  readonly sql: string
  /** SHA-256 of the file, in hex, as Prisma records it. */
  readonly checksum: string
}

/** A row of Prisma's own table. */
export interface Applied {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: unknown
}

export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'migration.sql')))
    .map(({ name }) => {
      const sql = readFileSync(join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: sha256OfText(sql) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * The migrations that a database still needs.
 * @throws {ChatwardenError} `MIGRATION_FAILED` if one was edited after it was applied, was never finished, or is newer
 * than this version.
 */
export function pendingMigrations(rows: readonly Applied[], shipped: readonly Migration[]): readonly Migration[] {
  const applied = new Map(rows.map((row) => [row.migration_name, row]))
  const known = new Set(shipped.map(({ name }) => name))
  for (const { migration_name: name, finished_at } of applied.values()) {
    if (!known.has(name))
      throw new ChatwardenError(
        'MIGRATION_FAILED',
        `The database has migration ${name}, made by a newer version of Chatwarden.`,
      )
    if (finished_at === null)
      throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name} was started and never finished.`)
  }
  return shipped.filter(({ name, checksum }) => {
    const row = applied.get(name)
    if (row !== undefined && row.checksum !== checksum)
      throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name} was edited after it was applied.`)
    return row === undefined
  })
}

/** Whether a database says that it has some of the migrations, from the first on, each finished and as it is shipped. */
export function areFirstOf(rows: readonly Applied[], shipped: readonly Migration[]): boolean {
  const applied = new Map(rows.map((row) => [row.migration_name, row]))
  return (
    rows.length > 0 &&
    applied.size === rows.length &&
    rows.length <= shipped.length &&
    shipped.slice(0, rows.length).every(({ name, checksum }) => {
      const row = applied.get(name)
      return row?.checksum === checksum && row.finished_at !== null
    })
  )
}
