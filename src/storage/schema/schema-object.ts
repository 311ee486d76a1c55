/** One thing that the schema of a database is made of. */
export interface SchemaObject {
  /** As people call it: `table`, `column`, `index`, `trigger`, `function`, … */
  readonly kind: string
  /** The table that it belongs to; of what belongs to none, empty. */
  readonly table: string
  readonly name: string
  /** All that makes it what it is. Of a trigger it is the statement that makes it. */
  readonly definition: string
}

/** By which two objects are the same one, in two databases. */
export const identityOf = ({ kind, table, name }: SchemaObject): string => JSON.stringify([kind, table, name])

/** An object in a few words: `trigger audit_logs_refuse_update on audit_logs`. */
export const inWords = ({ kind, table, name }: SchemaObject): string =>
  table === '' || table === name ? `${kind} ${name}` : `${kind} ${name} on ${table}`
