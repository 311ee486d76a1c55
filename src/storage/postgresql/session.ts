import type { ClientBase, QueryConfig, QueryResult } from 'pg'
import { LOCK_TIMEOUT_MS } from '../retry-while-busy.ts'

/** A read that takes longer is one that nobody waits for any more. */
const READ_TIMEOUT_MS = 60_000
/** How long who holds the head's lock may do nothing: shorter than others wait for it, or they would give up just then. */
const IDLE_HOLDER_MS = LOCK_TIMEOUT_MS / 2
/** How long the server may take to take the settings, and to say that it has. */
const PATIENCE_MS = 5000

export type Use = 'reading' | 'writing' | 'aside' | 'snapshot' | 'owner'

/** What the error of a session says that is not as it was set. */
export const UNSETTLED = 'UNSETTLED'

/**
 * What decides how values are read and written, and whether what is acknowledged is on the disk: whatever is set for the
 * server, the database or the user, in the words in which the server shows them again.
 */
const MEANING = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  // As the migrations are compared with what the server says of its objects.
  quote_all_identifiers: 'off',
  // What is made for one session comes last, or it would stand in the way of a table.
  search_path: 'public, pg_temp',
  // Rows that somebody hides are an error, not a shorter trail.
  row_security: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // An error ends a statement, not the connection.
  exit_on_error: 'off',
} as const

/**
 * What only a superuser may set: where it is otherwise, what protects the trail or tells damage is switched off. Who looks at a trail
 * does so all the same.
 */
export const GIVEN = {
  session_replication_role: 'origin',
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
} as const

const MEANING_OF: Readonly<Record<Use, Readonly<Record<string, string>>>> = {
  reading: { ...MEANING, synchronous_commit: 'on', default_transaction_read_only: 'on' },
  writing: { ...MEANING, synchronous_commit: 'on', default_transaction_read_only: 'off' },
  // Counts that may be lost with the power.
  aside: { ...MEANING, synchronous_commit: 'off', default_transaction_read_only: 'off' },
  snapshot: { ...MEANING, synchronous_commit: 'on', default_transaction_read_only: 'on' },
  owner: { ...MEANING, synchronous_commit: 'on', default_transaction_read_only: 'off' },
}

/** How long things may take, in milliseconds; 0: for ever. */
const TIMES = {
  statement_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
}

const TIMES_OF: Readonly<Record<Use, typeof TIMES>> = {
  reading: { ...TIMES, statement_timeout: READ_TIMEOUT_MS },
  writing: {
    ...TIMES,
    statement_timeout: LOCK_TIMEOUT_MS * 2,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_HOLDER_MS,
  },
  // Nobody waits for them long.
  aside: { ...TIMES, statement_timeout: 2000 },
  snapshot: TIMES,
  owner: TIMES,
}

// Who holds the head's lock and is gone must not keep others from it: the server ends what it hears nothing from.
const SPEED = {
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
  // Compiling a plan that asks every month takes longer than the plan.
  jit: 'off',
}

/** Servers have these only from versions 14 and 17 on, and one that is too old is to be told that. */
const LATER =
  "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')"

/** What is set on each connection once it is made; in its startup a pooler would refuse it. */
function settingsOf(use: Use): Readonly<Record<string, string | number>> {
  // To plan a question of every month again took three times as long as to answer it.
  const plans = { plan_cache_mode: use === 'reading' ? 'force_generic_plan' : 'auto' }
  return { ...TIMES_OF[use], ...MEANING_OF[use], ...SPEED, ...plans }
}

const expectedOf = (use: Use) => Object.entries({ ...MEANING_OF[use], ...(use === 'writing' && GIVEN) })

/** Whether a session means what it is to mean, as an expression of SQL: what `settle` has set may be lost behind a pooler. */
export function isSettled(use: Use): string {
  const each = expectedOf(use).map(([name, value]) => `${shown(name)} OPERATOR(pg_catalog.=) '${value}'`)
  return `(${each.join(' AND ')})`
}

const shown = (name: string): string => `pg_catalog.current_setting('${name}')`

/** Sets for the transaction that is open what values mean, whichever session it is in; it sees no moment yet. */
export const settledLocally = (use: Use): string => setting('LOCAL', MEANING_OF[use])

/** Statements of their own: functions of that name could be somebody else's, as long as nothing is set. */
const setting = (scope: 'SESSION' | 'LOCAL', settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `SET ${scope} ${name} = ${name === 'search_path' ? value : `'${value}'`}`)
    .join('; ')

/**
 * Sets on a connection what `use` needs, and looks that it is in force.
 * @throws an error with the code `UNSETTLED` where it is not, the driver's own where it can't be set.
 */
export async function settle(client: ClientBase, use: Use): Promise<void> {
  await ask(client, setting('SESSION', settingsOf(use)))
  await ask(client, LATER)
  await assertSettled(client, use)
}

async function assertSettled(client: ClientBase, use: Use): Promise<void> {
  const { rows } = await ask(client, `SELECT ${isSettled(use)} AS "isSettled"`)
  if (rows[0]?.isSettled === true) return
  throw unsettled(await otherwise(client, use))
}

const ask = (client: ClientBase, text: string): Promise<QueryResult> =>
  client.query({ text, query_timeout: PATIENCE_MS } as QueryConfig)

/** The error of a session that is not as it was set. `found`: what is otherwise, where that is known. */
export const unsettled = (found: readonly string[] = []): Error =>
  Object.assign(
    new Error(
      `the session is not as Chatwarden set it${found.length === 0 ? '' : `: ${found.join(', ')}`}. Another program changes it, or a pooler (PgBouncer: pool_mode = session)`,
    ),
    { code: UNSETTLED },
  )

async function otherwise(client: ClientBase, use: Use): Promise<string[]> {
  const wanted = expectedOf(use)
  const { rows } = await ask(client, `SELECT ${wanted.map(([name]) => `${shown(name)} AS ${name}`).join(', ')}`)
  return wanted
    .filter(([name, value]) => rows[0]?.[name] !== value)
    .map(([name, value]) => `${name} is ${rows[0]?.[name]}, not ${value}`)
}
