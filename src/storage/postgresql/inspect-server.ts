import type { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { ownTime } from '../../kernel/own-time.ts'
import { databaseLabel } from '../beside-database.ts'
import { CLOCK_IN_DOUBT } from '../clock-in-doubt.ts'
import { type Condition, conditionOf } from '../condition.ts'
import { isLockTimeout } from '../database-error.ts'
import { withClient } from './client.ts'
import { excessRights } from './excess-rights.ts'
import { type Server, serverOf, unfitnessOf } from './fitness.ts'
import { pendingIn } from './migrations.ts'
import { snapshotWithin } from './snapshot.ts'

/** What a look at a database on a server finds. */
export type ServerInspection =
  | { readonly kind: 'unreachable'; readonly label: string; readonly detail: string }
  /** No bot can work with it, and nothing else is asked. */
  | (Server & { readonly kind: 'unfit'; readonly label: string })
  | (ServerFacts & { readonly kind: 'reached'; readonly label: string; readonly milliseconds: number })

interface ServerFacts extends Server {
  readonly user: string
  /** Names of migrations that are still to be applied, or why nothing can be said. */
  readonly pending: readonly string[] | { readonly problem: string }
  readonly mayMigrate: boolean
  readonly excess: readonly string[]
  /** Settings that let the server lose what it acknowledged. */
  readonly unsafe: readonly string[]
  readonly connections: { readonly most: number; readonly ours: number; readonly all: number }
  /** How far the server's clock is ahead of this machine's, in milliseconds. */
  readonly clockAhead: number
  /** The age of the oldest transaction that is visible to this user, in seconds. */
  readonly oldestTransaction: number
  readonly bytes: number
  /** `undefined` where there is no trail yet. */
  readonly condition: Condition | undefined
  /** `undefined` where there is none, or none that can be read. */
  readonly trail: TrailFacts | undefined
  /** Why a bot could not write to it, in the server's words. */
  readonly unwritable: string | undefined
}

interface TrailFacts {
  /** How many entries were ever written. */
  readonly size: number
  readonly newestEntry: number | undefined
  readonly isClockInDoubt: boolean
  readonly owners: number
  readonly monthsAhead: number
  readonly deadHeads: number
}

/** Looks at a database without changing it, also while a bot uses it. `trialOwner`: who does not count as an owner. */
export async function inspectServer(url: string, trialOwner: string): Promise<ServerInspection> {
  const label = databaseLabel(url)
  const began = performance.now()
  try {
    return await withClient(url, { use: 'snapshot' }, async (client) => {
      const milliseconds = performance.now() - began
      // Where a table is locked, whoever looks says so instead of waiting.
      await client.query(`SET lock_timeout = ${PATIENCE_MS}`)
      const server = await serverOf(client, url)
      if (unfitnessOf(server) !== undefined) return { kind: 'unfit', label, ...server }
      return { kind: 'reached', label, milliseconds, ...server, ...(await factsOf(client, trialOwner)) }
    })
  } catch (error) {
    if (!(error instanceof ChatwardenError)) throw error
    return { kind: 'unreachable', label, detail: (error.cause as Error | undefined)?.message || error.message }
  }
}

/** Longer than any bot keeps the lock. */
const PATIENCE_MS = 3000
const SETTINGS = ['fsync', 'full_page_writes', 'synchronous_commit']

const FACTS = `SELECT current_user::text AS "user",
    has_schema_privilege('public', 'CREATE') AS "mayMigrate",
    ARRAY(SELECT name || ' = ' || setting FROM pg_settings WHERE name = ANY ($1) AND setting = 'off') AS unsafe,
    (SELECT sum(CASE name WHEN 'max_connections' THEN setting::integer ELSE -setting::integer END)::integer
      FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) AS most,
    (SELECT count(*)::integer FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()) AS ours,
    (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend') AS "all",
    coalesce((SELECT extract(epoch FROM max(now() - xact_start))::integer FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()), 0) AS "oldestTransaction",
    pg_database_size(current_database())::float8 AS bytes`

async function factsOf(client: Client, trialOwner: string): Promise<Omit<ServerFacts, keyof Server>> {
  const before = Date.now()
  const clock = await client.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  )
  // The answer is of some moment between the two.
  const clockAhead = (clock.rows[0]?.now ?? 0) - (before + Date.now()) / 2
  const { rows } = await client.query(FACTS, [SETTINGS])
  const { user, mayMigrate, unsafe, most, ours, all, oldestTransaction, bytes } = rows[0]
  const pending = await pendingIn(client).catch((error: Error) => ({ problem: error.message }))
  const hasTrail = Array.isArray(pending) && pending.length === 0
  const unwritable = hasTrail ? await tryWriting(client) : undefined
  const condition = hasTrail ? await snapshotWithin(client, conditionOf).catch(unlessLocked) : undefined
  const trail =
    condition?.deviations.isReadable === true ? await trailOf(client, trialOwner).catch(unlessLocked) : undefined
  return {
    ...{ user, mayMigrate, unsafe, clockAhead, oldestTransaction, bytes, pending, condition },
    excess: hasTrail ? await excessRights(client, user) : [],
    connections: { most, ours, all },
    trail,
    unwritable: unwritable ?? (hasTrail && condition === undefined ? LOCKED : undefined),
  }
}

const LOCKED = 'a table is locked'

function unlessLocked(error: unknown): undefined {
  if (!isLockTimeout(error)) throw error
}

/** What a bot does first of each change: it takes the lock of the trail. It is given back at once. */
async function tryWriting(client: Client): Promise<string | undefined> {
  try {
    await client.query('BEGIN READ WRITE')
    await client.query('SELECT 1 FROM public.audit_head WHERE id = 1 FOR UPDATE')
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await client.query('ROLLBACK').catch(() => {})
  }
}

async function trailOf(client: Client, trialOwner: string): Promise<TrailFacts> {
  const { rows } = await client.query(
    `SELECT size, ${CLOCK_IN_DOUBT} AS "isClockInDoubt", (extract(epoch FROM last_created_at) * 1000)::float8 AS newest,
      (SELECT metadata FROM audit_logs WHERE seq = size - 1 AND created_at = last_created_at) AS metadata,
      (SELECT count(*)::integer FROM users
        WHERE role = 'OWNER' AND id NOT IN (SELECT user_id FROM accounts WHERE account = $1)) AS owners,
      (SELECT count(*)::integer FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
        WHERE inhparent = 'audit_logs'::regclass
          AND c.relname > 'audit_logs_' || to_char(now() AT TIME ZONE 'UTC', '"y"YYYY"m"MM')) AS "monthsAhead",
      coalesce(pg_stat_get_dead_tuples('audit_head'::regclass), 0)::integer AS "deadHeads"
    FROM audit_head WHERE id = 1`,
    [trialOwner],
  )
  const { newest, metadata, ...facts } = rows[0]
  const last = ownTime({ createdAt: newest, metadata: metadata ?? '' }).getTime()
  return { ...facts, newestEntry: facts.size === 0 ? undefined : last }
}
