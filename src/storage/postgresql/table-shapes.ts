import type { Client } from 'pg'

export interface TableColumn {
  readonly name: string
  /** As PostgreSQL calls it, such as `timestamp without time zone`. */
  readonly type: string
}

export interface TableShape {
  readonly name: string
  readonly columns: readonly TableColumn[]
  /** The columns of the primary key, in its order. */
  readonly key: readonly string[]
}

/** The tables that there are, each partitioned one once, in the order of their names. */
export async function tableShapes(client: Client): Promise<TableShape[]> {
  const { rows } = await client.query<TableShape>(
    `SELECT c.relname AS name,
       json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)) ORDER BY a.attnum) AS columns,
       coalesce((SELECT json_agg(k.attname ORDER BY array_position(i.indkey::int2[], k.attnum))
        FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey::int2[])
        WHERE i.indrelid = c.oid AND i.indisprimary), '[]') AS key
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     GROUP BY c.oid, c.relname ORDER BY c.relname`,
  )
  return rows
}
