import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Snapshot } from '../../contract.ts'
import { type Applied, areFirstOf, readMigrations } from '../../migration-files.ts'
import { type Deviations, deviationsOf, NONE, OTHER_MIGRATIONS, TRAIL } from '../../schema/deviations.ts'
import type { SchemaObject } from '../../schema/schema-object.ts'
import { APPLIED_MIGRATIONS, POSTGRESQL_MIGRATIONS } from '../migrations.ts'
import { inSavepoint } from './in-savepoint.ts'
import { asTemplate, forMonths, isMonth } from './months.ts'
import { objectsIn } from './objects.ts'
import { rightsIn } from './rights.ts'

/**
 * What the migrations make, a line of JSON for each object. A server's user need not be allowed to make databases, so
 * they can't be tried out there: a test makes this file of them, and holds that they are the same.
 */
const EXPECTED = fileURLToPath(new URL('../../../../prisma/postgresql/schema.jsonl', import.meta.url))

/**
 * Compares a database on a server with what the migrations make. As the first thing that is asked in its transaction it
 * sees months that come and go meanwhile as a whole or not at all.
 */
export const postgresDeviations = (snapshot: Snapshot): Promise<Deviations> =>
  inSavepoint(snapshot, async () => {
    await holdMonths(snapshot)
    return deviationsIn(snapshot)
  })

/**
 * Keeps months from being dropped meanwhile: what the server says of an object is of now, whatever moment a transaction sees.
 * Where there are no entries, or none that this user may read, there is nothing to keep.
 */
export async function holdMonths(snapshot: Snapshot): Promise<void> {
  await snapshot.read('SAVEPOINT months')
  try {
    await snapshot.read('LOCK TABLE public.audit_logs IN ACCESS SHARE MODE')
  } catch {
    await snapshot.read('ROLLBACK TO SAVEPOINT months')
  }
  await snapshot.read('RELEASE SAVEPOINT months')
}

async function deviationsIn(snapshot: Snapshot): Promise<Deviations> {
  const tables = await tablesIn(snapshot)
  if (!TRAIL.some((name) => tables.includes(name))) return NONE
  const shipped = readMigrations(POSTGRESQL_MIGRATIONS)
  const applied = tables.includes('_prisma_migrations') ? await snapshot.rows<Applied>(APPLIED_MIGRATIONS) : []
  if (!areFirstOf(applied, shipped) || applied.length < shipped.length)
    return { ...NONE, refused: [OTHER_MIGRATIONS], isReadable: false }
  const expected = forMonths(readExpected(), tables.filter(isMonth))
  const ours = new Set(expected.map(({ table }) => table).filter((table) => table !== ''))
  const found = await objectsIn(snapshot, [...ours])
  const deviations = deviationsOf(expected, found, {
    judge: ({ kind, table, harm }) => {
      const isOfTable = table !== '' && kind !== 'table'
      if (harm === 'passing' || (isOfTable && !ours.has(table))) return 'ignored'
      return harm === 'harmless' ? 'foreign' : 'harmful'
    },
    putBack,
  })
  const { excess, foreign } = await rightsIn(snapshot, [...ours])
  return {
    refused: [...deviations.refused, ...excess],
    missing: deviations.missing,
    foreign: [...deviations.foreign, ...foreign],
    // A view, an index or a function of somebody else's would run with the rights of whoever reads.
    isReadable: deviations.refused.length === 0,
  }
}

/** The tables that the migrations make, and the months that there are. */
export const ourTables = async (snapshot: Snapshot): Promise<readonly string[]> => {
  const months = (await tablesIn(snapshot)).filter(isMonth)
  return [...new Set(forMonths(readExpected(), months).map(({ table }) => table))].filter((table) => table !== '')
}

/** What this database has, as it is written down for those that the migrations make. */
export async function describeSchema(snapshot: Snapshot): Promise<string> {
  const objects = await inSavepoint(snapshot, async () => objectsIn(snapshot, await tablesIn(snapshot)))
  const lines = objects.map(asTemplate).map((object) => JSON.stringify(inOrder(object)))
  return `${[...new Set(lines)].sort().join('\n')}\n`
}

const readExpected = (): SchemaObject[] =>
  readFileSync(EXPECTED, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const inOrder = ({ kind, table, name, definition }: SchemaObject): SchemaObject => ({ kind, table, name, definition })

async function tablesIn(snapshot: Snapshot): Promise<string[]> {
  const rows = await snapshot.read<[string]>(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f') ORDER BY 1",
  )
  return rows.map(([name]) => name)
}

function putBack({ table, name, definition }: SchemaObject, own: SchemaObject | undefined) {
  const question = `SELECT 1 FROM pg_trigger WHERE tgrelid = 'public.${table}'::regclass AND tgname = '${name}' AND tgenabled = 'O'`
  if (own === undefined) return { question, statement: definition }
  if (own.definition !== `${definition} (disabled)`) return undefined
  return { question, statement: `ALTER TABLE public.${table} ENABLE TRIGGER "${name}"` }
}
