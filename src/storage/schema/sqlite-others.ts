import type { Snapshot } from '../contract.ts'
import { type Deviations, foreignObject, notOurs } from './deviations.ts'
import type { SchemaObject } from './schema-object.ts'

interface Table {
  readonly schema: string
  readonly name: string
  readonly type: 'table' | 'view' | 'virtual' | 'shadow'
}

interface Index {
  readonly name: string
  readonly unique: number
  readonly partial: number
}

/** What ANALYZE and AUTOINCREMENT keep. */
const KEPT = ['sqlite_stat1', 'sqlite_stat3', 'sqlite_stat4', 'sqlite_sequence', 'sqlite_schema']
/** Functions that give rows and are in every SQLite, though it need not list them before they were used. */
const IN_EVERY = /^(?:pragma_.*|jsonb?_(?:each|tree))$/i
/** Those that every SQLite has. */
const COLLATIONS = ['BINARY', 'NOCASE', 'RTRIM']

/**
 * What a SQLite file has besides what the migrations make, as SQLite itself takes it. Asked by statements: a function that
 * tells the same (`pragma_index_list`) is found by a name that a table or view of the file may have, too, and so is
 * `json_each`, which statements of ours use. No object may be called so.
 */
export async function sqliteOthers(
  snapshot: Snapshot,
  expected: readonly SchemaObject[],
): Promise<Pick<Deviations, 'refused' | 'foreign'>> {
  const harmful: SchemaObject[] = []
  const foreign: SchemaObject[] = []
  const ours = new Set(expected.map(({ table }) => table))
  const indices = new Set(expected.filter(({ kind }) => kind === 'index').map(({ name }) => name))
  const functions = new Set((await snapshot.read<[string]>('PRAGMA module_list')).map(([name]) => name.toLowerCase()))
  const definitions = new Map(
    await snapshot.read<[string, string | null]>('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL'),
  )
  const objectOf = (kind: string, table: string, name: string): SchemaObject => ({
    kind,
    table,
    name,
    definition: definitions.get(name) ?? '',
  })

  for (const { schema, name, type } of await snapshot.rows<Table>('PRAGMA table_list')) {
    if (schema !== 'main') continue
    if (ours.has(name)) {
      for (const index of await snapshot.rows<Index>(`PRAGMA index_list(${quoted(name)})`))
        if (!indices.has(index.name))
          ((await isUnruly(snapshot, index)) ? harmful : foreign).push(objectOf('index', name, index.name))
      continue
    }
    const object = objectOf(type === 'view' ? 'view' : 'table', type === 'view' ? '' : name, name)
    const isInTheWay = functions.has(name.toLowerCase()) || IN_EVERY.test(name)
    if (isInTheWay || (await leansOn(snapshot, name, ours))) harmful.push(object)
    else if (!KEPT.includes(name)) foreign.push(object)
  }
  const [[encoding] = []] = await snapshot.read<[string]>('PRAGMA encoding')
  return {
    refused: [...(encoding === 'UTF-8' ? [] : [`the encoding of the file is ${encoding}`]), ...harmful.map(notOurs)],
    foreign: foreign.map(foreignObject),
  }
}

/** Whether an index refuses rows, runs code for each, or compares them by something that not every SQLite has. */
async function isUnruly(snapshot: Snapshot, { name, unique, partial }: Index): Promise<boolean> {
  const columns = await snapshot.rows<{ cid: number; coll: string }>(`PRAGMA index_xinfo(${quoted(name)})`)
  return unique !== 0 || partial !== 0 || columns.some(({ cid, coll }) => cid === -2 || !COLLATIONS.includes(coll))
}

/** Whether rows of a table hang on those of ours: what is removed there is kept by it, or takes others with it. */
async function leansOn(snapshot: Snapshot, table: string, ours: ReadonlySet<string>): Promise<boolean> {
  const keys = await snapshot.rows<{ table: string }>(`PRAGMA foreign_key_list(${quoted(table)})`)
  return keys.some((key) => ours.has(key.table.toLowerCase()))
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
