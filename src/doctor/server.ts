import { numberOf, unfitnessOf } from '../storage/postgresql/fitness.ts'
import type { ServerInspection } from '../storage/postgresql/inspect-server.ts'
import { checkSchema } from './database.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

type Reached = Extract<ServerInspection, { readonly kind: 'reached' }>

/** Connections besides those that read: three write, and one takes a snapshot. */
const OTHERS = 4
const MOST_AHEAD_MS = 5000
/** What keeps a snapshot for so long keeps the server from clearing up what was overwritten. */
const LONG_SECONDS = 300
const MANY_DEAD = 50_000

/** What there is to say of a database on a server, for a bot with so many connections that read. */
export function checkServer(found: ServerInspection, poolSize: number): Finding[] {
  if (found.kind === 'unreachable')
    return [
      problem(
        'Database',
        `${found.label}: ${found.detail}`,
        'Is the server running, and do address, user and password in DATABASE_URL fit? Try: pg_isready',
      ),
    ]
  const unfit = unfitnessOf(found)
  if (unfit !== undefined || found.kind === 'unfit')
    return [problem('Database', `${found.label} ${unfit?.text}`, unfit?.advice ?? '')]
  return [
    checkReached(found),
    checkMigrations(found),
    ...checkWriting(found),
    checkRights(found),
    checkDurability(found),
    checkConnections(found, poolSize),
    checkServerClock(found),
    ...checkUpkeep(found),
  ]
}

function checkReached({ label, milliseconds, version, condition, trail, bytes }: Reached): Finding {
  const [damage] = condition?.damages ?? []
  if (damage !== undefined)
    return problem(
      'Database',
      `${label}: ${damage}`,
      'Stop the bot, and see: chatwarden verify. If the entries are sound: REINDEX',
    )
  const size =
    trail === undefined
      ? condition === undefined
        ? 'no trail yet'
        : 'its trail was not read'
      : `${trail.size} entries written`
  const room = `${Math.ceil(bytes / 2 ** 20)} MiB`
  return ok(
    'Database',
    `${label} answered in ${Math.round(milliseconds)} ms: PostgreSQL ${numberOf(version)}, ${size}, ${room}`,
  )
}

function checkMigrations({ pending, mayMigrate, user, condition }: Reached): Finding {
  if ('problem' in pending) return problem('Schema', 'cannot be used', pending.problem)
  if (pending.length === 0)
    return condition === undefined ? ok('Schema', 'up to date') : checkSchema(condition.deviations)
  if (mayMigrate) return ok('Schema', 'the next start brings it up to date')
  return problem(
    'Schema',
    `not up to date, and ${user} may not bring it there`,
    'As the owner: DATABASE_OWNER_URL=postgresql://… chatwarden migrate',
  )
}

function checkWriting({ unwritable }: Reached): Finding[] {
  if (unwritable === undefined) return []
  const advice =
    'A transaction that stays open: see pg_stat_activity and pg_blocking_pids. Rights that are missing: chatwarden migrate gives them.'
  return [problem('Writing', `the trail takes nothing: ${unwritable}`, advice)]
}

function checkRights({ user, excess, condition }: Reached): Finding {
  if (condition === undefined) return ok('Rights', 'nothing is there to have rights to')
  if (excess.length === 0) return ok('Rights', `least privilege is in force: ${user} can only add to the trail`)
  return warning(
    'Rights',
    `least privilege is not in force: ${user} ${excess.join('; ')}`,
    'Let the bot connect as a role of its own: chatwarden migrate gives it what it needs.',
  )
}

function checkDurability({ unsafe }: Reached): Finding {
  if (unsafe.length === 0) return ok('Durability', 'what the server acknowledges is on its disk')
  return problem('Durability', unsafe.join(', '), 'Turn it on: entries that were acknowledged may be lost.')
}

function checkConnections({ connections: { most, ours, all } }: Reached, poolSize: number): Finding {
  const needed = poolSize + OTHERS
  const text = `${ours} of ${most} in use by this user (${Math.round((ours / most) * 100)} %), ${all} by all; a bot takes up to ${needed}`
  return most - all < needed
    ? warning('Connections', text, 'Lower DATABASE_POOL_SIZE, or raise max_connections of the server.')
    : ok('Connections', text)
}

function checkServerClock({ clockAhead }: Reached): Finding {
  const seconds = (Math.abs(clockAhead) / 1000).toFixed(1)
  if (Math.abs(clockAhead) <= MOST_AHEAD_MS) return ok('Clock of the server', `within ${seconds} s of this machine's`)
  const direction = clockAhead > 0 ? 'ahead of' : 'behind'
  const advice = 'Set both clocks, for example with NTP: entries are stamped here, and what is old is judged there.'
  return problem('Clock of the server', `${seconds} s ${direction} this machine's`, advice)
}

function checkUpkeep({ trail, oldestTransaction }: Reached): Finding[] {
  const findings: Finding[] = []
  if (trail?.monthsAhead === 0 && trail.size > 0)
    findings.push(warning('Months', 'none is prepared ahead', 'The nightly clean-up does it. Does it run?'))
  const dead = trail?.deadHeads ?? 0
  if (oldestTransaction < LONG_SECONDS && dead < MANY_DEAD) return findings
  const text = `the oldest transaction is ${oldestTransaction} s old, ${dead} dead rows of the head`
  const advice = 'What stays open for long keeps the server from clearing up: see pg_stat_activity.'
  return [...findings, warning('Upkeep', text, advice)]
}
