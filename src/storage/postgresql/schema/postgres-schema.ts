import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Snapshot } from '../../contract.ts'
import { type Deviations, deviationsOf } from '../../schema/deviations.ts'
import { identityOf, type SchemaObject } from '../../schema/schema-object.ts'
import { aside } from './aside.ts'
import { asTemplate, forMonths, isMonth } from './months.ts'
import { objectsIn } from './objects.ts'
import { rightsIn } from './rights.ts'

/**
 * What the migrations make, a line of JSON for each object. A server's user need not be allowed to make databases, so
 * they can't be tried out there: a test makes this file of them, and holds that they are the same.
 */
const EXPECTED = fileURLToPath(new URL('../../../../prisma/postgresql/schema.jsonl', import.meta.url))

/** Compares a database on a server with what the migrations make. */
export async function postgresDeviations(snapshot: Snapshot): Promise<Deviations> {
  const made = readExpected()
  const tables = [...new Set(made.map(({ table }) => table).filter((table) => table !== ''))]
  return aside(snapshot, async () => {
    const months = await monthsIn(snapshot)
    const expected = forMonths(made, months)
    const ours = new Set([...tables, ...months])
    const found = await objectsIn(snapshot, [...ours])
    const harms = new Map(found.map((object) => [identityOf(object), object.harm]))
    const deviations = deviationsOf(expected, found, {
      isHarmful: (object) => {
        const belongsToTable = object.table !== '' && object.kind !== 'table'
        if (belongsToTable && !ours.has(object.table)) return undefined
        return harms.get(identityOf(object)) !== 0
      },
      putBack,
    })
    const rights = await rightsIn(snapshot, [...ours])
    return {
      ...deviations,
      refused: [...deviations.refused, ...rights.excess],
      foreign: [...deviations.foreign, ...rights.reading],
    }
  })
}

/** What this database has, as it is written down for those that the migrations make. */
export async function describeSchema(snapshot: Snapshot, tables: readonly string[]): Promise<string> {
  const objects = await aside(snapshot, () => objectsIn(snapshot, tables))
  const lines = objects.map(asTemplate).map((object) => JSON.stringify(inOrder(object)))
  return `${[...new Set(lines)].sort().join('\n')}\n`
}

const readExpected = (): SchemaObject[] =>
  readFileSync(EXPECTED, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const inOrder = ({ kind, table, name, definition }: SchemaObject): SchemaObject => ({ kind, table, name, definition })

async function monthsIn(snapshot: Snapshot): Promise<string[]> {
  const rows = await snapshot.read<[string]>(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f') ORDER BY 1",
  )
  return rows.map(([name]) => name).filter(isMonth)
}

function putBack({ table, name, definition }: SchemaObject, own: SchemaObject | undefined) {
  const question = `SELECT 1 FROM pg_trigger WHERE tgrelid = 'public.${table}'::regclass AND tgname = '${name}' AND tgenabled = 'O'`
  if (own === undefined) return { question, statement: definition }
  if (own.definition !== `${definition} (disabled)`) return undefined
  return { question, statement: `ALTER TABLE public.${table} ENABLE TRIGGER "${name}"` }
}
