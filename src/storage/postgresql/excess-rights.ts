import type { Client } from 'pg'

/** A question about a role, `$1`, and what it means where the answer is yes. */
const QUESTIONS: readonly (readonly [sql: string, meaning: string])[] = [
  ['SELECT rolsuper FROM pg_roles WHERE rolname = $1', 'is a superuser'],
  ['SELECT rolcreaterole FROM pg_roles WHERE rolname = $1', 'may make roles'],
  [
    "SELECT bool_or(pg_has_role($1::name, relowner, 'MEMBER')) FROM pg_class WHERE oid = to_regclass('public.audit_logs')",
    'owns the tables, or is a member of the role that does',
  ],
  [
    "SELECT pg_has_role($1::name, datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()",
    'owns the database, or is a member of the role that does',
  ],
  [
    `SELECT bool_or(pg_has_role($1::name, oid, 'MEMBER')) FROM pg_roles
     WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')`,
    'is a member of a role that writes everywhere',
  ],
  [
    `SELECT bool_or(has_table_privilege($1::name, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'audit\\_logs%'`,
    'may change or remove entries directly',
  ],
  ["SELECT has_schema_privilege($1::name, 'public', 'CREATE')", 'may create objects in public'],
]

/**
 * Why a role can do more to the trail than the application needs; empty where it cannot. Who owns the tables can switch off
 * what protects them.
 */
export async function excessRights(client: Client, role: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const [sql, meaning] of QUESTIONS) {
    const { rows } = await client.query<unknown[]>({ text: sql, values: [role], rowMode: 'array' })
    if (rows[0]?.[0] === true) found.push(meaning)
  }
  // Who is a superuser is all of the others, too.
  return found[0] === QUESTIONS[0]?.[1] ? found.slice(0, 1) : found
}
