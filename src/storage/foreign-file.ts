import { ChatwardenError } from '../kernel/errors.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { TRAIL } from './schema/deviations.ts'

/** The tables of a file, by their names in SQLite's own list. */
export const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"

/** What is wrong with a file that has those tables; `undefined`: nothing. It is empty, or has a trail of whichever version. */
export function foreignProblem(tables: readonly unknown[]): string | undefined {
  const names = tables.map(String).filter((name) => name !== '_prisma_migrations')
  if (names.length === 0 || names.some((name) => TRAIL.includes(name))) return undefined
  const rest = names.length > 1 ? ` and ${names.length - 1} more` : ''
  return `is another program’s database, with the table ${plainLine(names[0] ?? '', 60)}${rest}`
}

export const NAME_ANOTHER = 'Name a file of its own for Chatwarden, for example file:./data/chatwarden.db'

/** Before anything of the file is changed. @throws {ChatwardenError} `CONFIG_INVALID` */
export function refuseForeign(path: string, tables: readonly unknown[]): void {
  const problem = foreignProblem(tables)
  if (problem !== undefined)
    throw new ChatwardenError('CONFIG_INVALID', `DATABASE_URL=file:${path} ${problem}. ${NAME_ANOTHER}`)
}
