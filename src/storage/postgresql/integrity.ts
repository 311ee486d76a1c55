import type { Snapshot } from '../contract.ts'
import { inSavepoint } from './schema/in-savepoint.ts'
import { holdMonths, ourTables } from './schema/postgres-schema.ts'

interface Index {
  readonly table: string
  readonly name: string
  readonly oid: string
  /** Its columns, quoted, in its order. */
  readonly columns: string
  /** Which rows it is of, where it is not of all. */
  readonly condition: string | null
}

// Of our tables, months by themselves, but for one that was dropped since this transaction began. An index that can't be read by itself is not let be there.
const INDICES = `SELECT c.relname AS "table", x.relname AS name, x.oid::text AS oid, pg_get_expr(i.indpred, c.oid) AS condition,
    (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum) AS columns
  FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (string_to_array(?, ',')) AND c.relkind = 'r'
    AND m.amname = 'btree' AND i.indisvalid AND i.indexprs IS NULL AND has_table_privilege(c.oid, 'SELECT')
    AND to_regclass('public.' || quote_ident(c.relname)) = c.oid
  ORDER BY 1, 2`

const AMCHECK = `SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid
  WHERE e.extname = 'amcheck' AND p.proname = 'bt_index_check' AND pg_get_function_identity_arguments(p.oid) LIKE '%heapallindexed boolean'
    AND has_function_privilege(p.oid, 'EXECUTE')`

/**
 * Whether every index of our tables on a server leads to the rows of its table, to all of them and to no others: what the
 * index says of each is compared with what the row says, in the order of the index. Where amcheck is there and may be used, it
 * looks at how they are built, too. Of a million entries that takes half a minute.
 */
export const postgresIntegrityProblems = (snapshot: Snapshot): Promise<readonly string[]> =>
  inSavepoint(snapshot, async () => {
    await holdMonths(snapshot)
    const indices = await snapshot.rows<Index>(INDICES, [(await ourTables(snapshot)).join(',')])
    const [[amcheck] = []] = await snapshot.read<[string]>(AMCHECK)
    const found = await compareAll(snapshot, indices)
    if (amcheck !== undefined) for (const index of indices) found.push(...(await examine(snapshot, amcheck, index)))
    return found
  })

const problem = ({ name, table }: Index, text: string): string => `index ${name} on ${table}: ${text}`

/** What the server says of damage, if it is that. */
function damage(error: unknown): string {
  // Data or an index corrupted; a block that can't be read.
  if (/^(?:XX00[012]|58)/.test(String((error as { code?: unknown }).code))) return (error as Error).message
  throw error
}

async function examine(snapshot: Snapshot, amcheck: string, index: Index): Promise<string[]> {
  try {
    await inSavepoint(snapshot, () => snapshot.read(`SELECT ${amcheck}('${index.oid}'::regclass, true)`))
    return []
  } catch (error) {
    return [problem(index, damage(error))]
  }
}

/** All at once, as most questions are asked for nothing; one by one where an answer is that something is damaged. */
async function compareAll(snapshot: Snapshot, indices: readonly Index[]): Promise<string[]> {
  try {
    return await compare(snapshot, indices)
  } catch (error) {
    const text = damage(error)
    const [only] = indices
    if (indices.length === 1 && only !== undefined) return [problem(only, text)]
    const found: string[] = []
    for (const index of indices) found.push(...(await compareAll(snapshot, [index])))
    return found
  }
}

async function compare(snapshot: Snapshot, indices: readonly Index[]): Promise<string[]> {
  const rows = await scan(snapshot, indices, {
    plan: ({ table }) => `Seq Scan on ${table} `,
    without: ['indexscan', 'indexonlyscan', 'bitmapscan'],
    question: (index) => `SELECT count(*)::integer, '', true FROM ${rowsOf(index)}`,
  })
  const said = await scan(snapshot, indices, {
    plan: ({ name, table }) => `Index Only Scan using ${name} on ${table} `,
    without: ['seqscan', 'bitmapscan', 'sort'],
    question: saidByIndex,
  })
  const shown = await scan(snapshot, indices, {
    plan: ({ name, table }) => `Index Scan using ${name} on ${table} `,
    without: ['seqscan', 'indexonlyscan', 'bitmapscan', 'sort'],
    question: shownByRows,
  })
  return indices.flatMap((index, at) => {
    const [all, keys, leads] = [rows[at], said[at], shown[at]]
    if (all === undefined || keys === undefined || leads === undefined)
      return problem(index, 'it could not be read by itself')
    if (keys.count !== all.count || leads.count !== all.count)
      return problem(index, `it leads to ${leads.count} of ${all.count} rows`)
    // Whoever looks for a key goes by the order.
    if (keys.isInOrder === 0) return problem(index, 'it is not in its order')
    return keys.hash === leads.hash ? [] : problem(index, 'it says of rows what they do not say')
  })
}

const rowsOf = ({ table, condition }: Index): string =>
  `public.${table}${condition === null ? '' : ` WHERE ${condition}`}`

/** A hash over what was said, in its order. Names that no column has. */
const HASH = `encode(sha256(coalesce(string_agg(sha256(convert_to("says", 'UTF8')), '' ORDER BY "#"), '')), 'hex')`

/** How many entries an index has, what they say in their order, and whether that is the order. */
const saidByIndex = (index: Index): string => `SELECT count(*)::integer, ${HASH}, coalesce(bool_and("follows"), true)
  FROM (SELECT row_number() OVER () AS "#", ROW(${index.columns})::text AS "says",
      ROW(${index.columns}) >= lag(ROW(${index.columns})) OVER () AS "follows"
    FROM (SELECT ${index.columns} FROM ${rowsOf(index)} ORDER BY ${index.columns}) AS ordered) AS numbered`

/** To how many rows it leads, and what they say in its order. Where a row lies is not in the index: so the row itself is asked. */
const shownByRows = (index: Index): string => `SELECT count(DISTINCT "lies")::integer, ${HASH}, true
  FROM (SELECT row_number() OVER () AS "#", ROW(${index.columns})::text AS "says", ctid AS "lies"
    FROM (SELECT ${index.columns}, ctid FROM ${rowsOf(index)} ORDER BY ${index.columns}) AS ordered) AS numbered`

const WAYS = ['seqscan', 'indexscan', 'indexonlyscan', 'bitmapscan', 'sort']

/** How something is asked of each index. */
interface Way {
  /** What its plan has in it. */
  plan(index: Index): string
  /** What the planner is not to take, where it can do without. */
  readonly without: readonly string[]
  question(index: Index): string
}

interface Counted {
  readonly count: number
  readonly hash: string
  readonly isInOrder: 0 | 1
}

/** @returns for each index what there is; `undefined` where the server would answer in another way. */
function scan(
  snapshot: Snapshot,
  indices: readonly Index[],
  { plan, without, question }: Way,
): Promise<(Counted | undefined)[]> {
  return inSavepoint(snapshot, async () => {
    await snapshot.read('SET LOCAL max_parallel_workers_per_gather = 0')
    for (const way of WAYS) await snapshot.read(`SET LOCAL enable_${way} = ${without.includes(way) ? 'off' : 'on'}`)
    const sql = indices.map(
      (index, at) => `SELECT ${at}, * FROM (${question(index)}) AS of_${at} (count, hash, in_order)`,
    )
    const all = `${sql.join('\nUNION ALL\n')}\nORDER BY 1`
    const plans = (await snapshot.read<[string]>(`EXPLAIN ${all}`)).map(([line]) => line)
    const answers = await snapshot.read<[number, number, string, 0 | 1]>(all)
    return answers.map(([at, count, hash, isInOrder]) => {
      const index = indices[at]
      return index && plans.some((line) => line.includes(plan(index))) ? { count, hash, isInOrder } : undefined
    })
  })
}
