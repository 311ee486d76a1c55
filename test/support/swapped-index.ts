import { onPostgres, type RawDatabase } from './database.ts'

/** An index of a table, and its columns. */
export interface TableIndex {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
}

const INDICES = onPostgres
  ? `SELECT c.relname AS "table", x.relname AS name, (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::int2[])
       WITH ORDINALITY k(attnum, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum)::text AS columns
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2`
  : `SELECT m.tbl_name AS "table", m.name AS name, (SELECT json_group_array(name) FROM pragma_index_info(m.name)) AS columns
     FROM sqlite_schema m WHERE m.type = 'index' ORDER BY 1, 2`

/** The indices of tables that have rows. */
export const indicesIn = (database: RawDatabase): TableIndex[] =>
  database
    .prepare<[], { table: string; name: string; columns: string }>(INDICES)
    .all()
    .map(({ table, name, columns }) => ({ table, name, columns: JSON.parse(columns) }))
    .filter(({ table }) => database.prepare(`SELECT 1 FROM "${table}" LIMIT 1`).get() !== undefined)

/**
 * Lets an index be that of another table, whose rows are these but for what `changed` makes of the first column of the index:
 * SQL over `value`. So who reads by the index sees what is in no row.
 */
export function swapIndex(
  database: RawDatabase,
  { table, name, columns: [column = ''] }: TableIndex,
  changed: string,
): void {
  const all = database.prepare(`SELECT * FROM "${table}" LIMIT 1`).get() as Record<string, unknown>
  const named = Object.keys(all).map((each) => `"${each}"`)
  const values = named.map((each) => (each === `"${column}"` ? changed.replaceAll('value', each) : each))
  if (onPostgres) {
    database.exec(`CREATE TABLE other (LIKE "${table}")`)
    database.exec(`INSERT INTO other SELECT ${values} FROM "${table}" ORDER BY ctid`)
    const [{ definition }] = database
      .prepare<[], { definition: string }>(`SELECT pg_get_indexdef('"${name}"'::regclass) AS definition`)
      .all() as [{ definition: string }]
    database.exec(definition.replace(/INDEX \S+ ON \S+ /, 'INDEX other_index ON other '))
    database.exec(`UPDATE pg_class AS c SET relfilenode = o.relfilenode FROM pg_class AS o
      WHERE (c.relname, o.relname) IN (('${name}', 'other_index'), ('other_index', '${name}'))`)
    database.exec('DROP TABLE other')
    return
  }
  database.exec(
    `CREATE TABLE other AS SELECT rowid AS place, ${named.map((each, at) => `${values[at]} AS ${each}`)} FROM "${table}"`,
  )
  const list = named.join(', ')
  database.exec(`CREATE TABLE twin AS SELECT ${list} FROM "${table}" WHERE false`)
  database.exec(`INSERT INTO twin (rowid, ${list}) SELECT place, ${list} FROM other`)
  const [{ sql, unique }] = database
    .prepare<[], { sql: string | null; unique: number }>(
      `SELECT m.sql, l."unique" FROM sqlite_schema m JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name WHERE m.name = '${name}'`,
    )
    .all() as [{ sql: string | null; unique: number }]
  const keys = database.prepare(`SELECT name FROM pragma_index_info('${name}')`).pluck().all()
  const definition = sql ?? `CREATE ${unique ? 'UNIQUE ' : ''}INDEX x ON x(${keys.map((each) => `"${each}"`)})`
  database.exec(definition.replace(/INDEX "?\w+"? ON "?\w+"?/, 'INDEX twin_index ON twin'))
  const rootOf = (index: string) =>
    database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = '${index}'`).pluck().get()
  const [ours, twins] = [rootOf(name), rootOf('twin_index')]
  database.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET rootpage = ${twins} WHERE name = '${name}';
    UPDATE sqlite_schema SET rootpage = ${ours} WHERE name = 'twin_index';
    PRAGMA writable_schema = RESET; DROP TABLE twin; DROP TABLE other`)
}

/** Lets the index of roles say OWNER of everybody. */
export function swapIndexOfRoles(database: RawDatabase): void {
  swapIndex(
    database,
    indexIn(database, ({ name }) => name === 'users_role_idx'),
    "'OWNER'",
  )
}

export function indexIn(database: RawDatabase, isIt: (index: TableIndex) => boolean): TableIndex {
  const index = indicesIn(database).find(isIt)
  if (index === undefined) throw new Error('The index is missing.')
  return index
}
