import { plainLine } from '../../kernel/plain-text.ts'

/** One thing that the schema of a database is made of. */
export interface SchemaObject {
  /** As people call it: `table`, `column`, `index`, `trigger`, `function`, … */
  readonly kind: string
  /** The table that it belongs to, of a table its own name; of what belongs to none, empty. */
  readonly table: string
  readonly name: string
  /** All that makes it what it is. Of a trigger it is the statement that makes it. */
  readonly definition: string
}

/** By which two objects are the same one, in two databases. */
export const identityOf = ({ kind, table, name }: SchemaObject): string => JSON.stringify([kind, table, name])

/** Names are somebody else's: a line of ordinary text, and no longer than one may be in an entry. */
const LONGEST = 120

/** An object in a few words: `trigger audit_logs_refuse_update on audit_logs`. */
export function inWords({ kind, table, name }: Pick<SchemaObject, 'kind' | 'table' | 'name'>): string {
  return plainLine(table === '' || table === name ? `${kind} ${name}` : `${kind} ${name} on ${table}`, LONGEST)
}
