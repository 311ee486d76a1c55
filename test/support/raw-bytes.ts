import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestWarden } from './chatwarden.ts'
import { onPostgres, tablesOf } from './database.ts'

/**
 * Which files of a database hold one of these texts, byte for byte, whether as a row or as what is left of one. On
 * PostgreSQL: which of its tables, instead of which of its files.
 */
export function foundIn({ path, folder }: Pick<TestWarden, 'path' | 'folder'>, texts: readonly string[]): string[] {
  const beside = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== folder)
    .map(({ parentPath, name }) => join(parentPath, name))
  const files = [path, `${path}-wal`, `${path}-shm`, ...beside].filter((file) => existsSync(file))
  const contents = files.map((file) => [file.slice(folder.length), readFileSync(file)] as const)
  const tables = onPostgres
    ? Object.entries(tablesOf(path)).map(([name, rows]) => [name, JSON.stringify(rows)] as const)
    : []
  return [...contents, ...tables].flatMap(([place, content]) =>
    texts.filter((text) => content.includes(text)).map((text) => `${place}: ${text}`),
  )
}
