/** A value as it is written in SQL for PostgreSQL. A text may become whatever stands there, as for SQLite. */
function literal(value: unknown): string {
  if (value === null) return 'NULL'
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`
  throw new TypeError(`Cannot be bound: ${String(value)}`)
}

/** Strings, names and comments, which stay as they are; then what does not. */
const PARTS =
  /(?<text>(?<![\w])'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*)|(?<bytes>\bX'[0-9a-f]*')|(?<value>\?)|(?<word>\bchar(?=\(\d+\))|\bPRAGMA\b)/gi

const WORDS: Readonly<Record<string, string>> = { char: 'chr' }

/** What tests write in SQLite's SQL, with its values in it, as PostgreSQL says it. What it lacks is in sqlite-words.sql. */
export function fromSqlite(sql: string, values: readonly unknown[] = []): string {
  let next = 0
  const translated = trigger(sql).replace(PARTS, (all, ...groups) => {
    const { text, bytes, value, word } = groups.at(-1) as Record<string, string | undefined>
    if (text !== undefined) return text
    if (bytes !== undefined) return `'\\x${bytes.slice(2)}::bytea`
    if (value !== undefined) return literal(values[next++])
    return WORDS[(word ?? '').toLowerCase()] ?? all
  })
  if (next !== values.length && values.length > 0)
    throw new RangeError(`${next} values are wanted, not ${values.length}.`)
  return orIgnore(translated)
}

const CREATE_TRIGGER =
  /^\s*CREATE TRIGGER (?<maybe>IF NOT EXISTS )?(?<name>\w+) (?<when>BEFORE|AFTER) (?<what>INSERT|UPDATE|DELETE) ON (?<table>\w+)(?:\s+WHEN (?<condition>.*?))?\s+BEGIN (?<body>.*)\bEND;?\s*$/is
const DROP_TRIGGER = /^\s*DROP TRIGGER (IF EXISTS )?"?(\w+)"?;?\s*$/i

/** In PostgreSQL a trigger calls a function, and has its name on its table alone. */
function trigger(sql: string): string {
  const [, maybe, dropped] = DROP_TRIGGER.exec(sql) ?? []
  if (dropped !== undefined) return `SELECT sqlite_words.drop_trigger('${dropped}', ${maybe !== undefined})`
  const { name, when, what, table, condition, body = '', maybe: again } = CREATE_TRIGGER.exec(sql)?.groups ?? {}
  if (name === undefined) return sql
  const statements = body.replace(
    /SELECT RAISE\(ABORT, ('(?:[^']|'')*')\)/gi,
    (_, said) => `RAISE EXCEPTION USING MESSAGE = ${said}`,
  )
  return `${again === undefined ? '' : `SELECT sqlite_words.drop_trigger('${name}', true);`}
    CREATE OR REPLACE FUNCTION sqlite_words.on_${name}() RETURNS trigger LANGUAGE plpgsql AS $trigger$
    BEGIN ${statements} RETURN ${what?.toUpperCase() === 'DELETE' ? 'OLD' : 'NEW'}; END $trigger$;
    CREATE TRIGGER "${name}" ${when} ${what} ON ${table} FOR EACH ROW ${condition === undefined ? '' : `WHEN (${condition})`}
    EXECUTE FUNCTION sqlite_words.on_${name}()`
}

const orIgnore = (sql: string): string =>
  /^\s*INSERT OR IGNORE\b/i.test(sql) ? `${sql.replace(/\bOR IGNORE\b/i, '')} ON CONFLICT DO NOTHING` : sql
