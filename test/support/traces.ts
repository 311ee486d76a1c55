import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Logger } from '../../src/kernel/log.ts'
import { tablesOf, testDatabase } from './database.ts'

/** A logger of everything, and what it has written. */
export function capturedLog(): { readonly log: Logger; readonly lines: readonly string[] } {
  const lines: string[] = []
  return { log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), lines }
}

/** Everything that Chatwarden has left in a folder, by where it is: each table row by row, and the bytes of each file. */
function leftIn(folder: string): Map<string, string> {
  const rows = Object.entries(tablesOf(testDatabase(folder).path)).map(
    ([name, all]) => [`the table ${name}`, JSON.stringify(all)] as const,
  )
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), 'latin1')] as const)
  return new Map([...rows, ...files])
}

/** Where any of these texts is found: in a table, in a file of the folder, or in what else is given by its name. */
export function tracesOf(
  texts: readonly string[],
  folder: string,
  more: Readonly<Record<string, unknown>>,
): readonly string[] {
  const said = Object.entries(more).map(([name, value]) => [name, JSON.stringify(value)] as const)
  return [...leftIn(folder), ...said].flatMap(([place, content]) =>
    texts.filter((text) => content.includes(text)).map((text) => `${text} in ${place}`),
  )
}
