import { ChatwardenError } from '../kernel/errors.ts'

/** What the driver said, wherever Prisma put it. */
interface DriverCause {
  readonly originalCode?: string
  readonly originalMessage?: string
  readonly kind?: string
}

/** Whether another connection holds the lock, as Prisma says it or the driver itself. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY')

/** Whether the file is no sound database, or the server finds damage in it, as Prisma says it or the driver itself. */
export const isDamaged = (error: unknown): boolean => /^(?:SQLITE_(?:CORRUPT|NOTADB)|XX00[012]$)/.test(codeOf(error))

/** Whether it is the database that could not, as its driver says it. */
export const isDatabaseError = (error: unknown): error is Error =>
  error instanceof Error &&
  (isSqliteError(error) || 'severity' in error || (error as { code?: unknown }).code === 'AUDIT_UNAVAILABLE')

/** Whether SQLite's driver itself says it. */
export const isSqliteError = (error: unknown): error is Error => error instanceof Error && error.name === 'SqliteError'

const LOST_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])
/**
 * Of PostgreSQL: connection exceptions, too many connections, a server that stops, starts, or gave up on us; of
 * ours: a session that is another, as where it has not what was prepared in it, or already has.
 */
const LOST_CODES =
  /^(?:UNSETTLED|26000|42P05|08...|P100[12]|P1017|53300|57P0[1235]|25P03|E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|AI_AGAIN|NOTFOUND))$/
/** What the driver and its pool say without a code. */
const LOST_WORDS =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/

/** Whether the server of the database is away, or the connection to it. */
export function isConnectionLost(error: unknown): boolean {
  const kind = driverCause(error)?.kind ?? ''
  const message = error instanceof Error ? error.message : ''
  return LOST_KINDS.has(kind) || LOST_CODES.test(codeOf(error)) || LOST_WORDS.test(message)
}

/** Whether a lock was not to be had in the time that was set for it (PostgreSQL). */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03'

/** The driver's own code, or the system's; empty where there is none. */
export function codeOf(error: unknown): string {
  const code = driverCause(error)?.originalCode ?? (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** The database's own words, for the log. */
export function databaseMessage(error: unknown): string {
  return driverCause(error)?.originalMessage ?? (error instanceof Error ? error.message : String(error))
}

/**
 * Prisma reports one and the same refusal as P2010, P1008, P2003 or P2028, depending on the call; the driver's
 * own code is what tells, in `meta.driverAdapterError.cause` or in the error's own cause.
 */
function driverCause(error: unknown): DriverCause | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { meta, cause } = error as { meta?: { driverAdapterError?: unknown }; cause?: unknown }
  if (meta?.driverAdapterError !== undefined) return driverCause(meta.driverAdapterError)
  if (typeof cause === 'object' && cause !== null && ('originalCode' in cause || 'kind' in cause))
    return cause as DriverCause
  return undefined
}

/** A server that is away is no bug of ours: who asked is told that. Other errors are what they are. */
export const asUnavailable = (error: unknown): unknown =>
  isConnectionLost(error)
    ? new ChatwardenError('AUDIT_UNAVAILABLE', `The database does not answer: ${databaseMessage(error)}`, {
        cause: error,
      })
    : error

/** Errors of Prisma and the driver become one of ours; programming errors stay what they are. */
export function asDomainError(error: unknown): unknown {
  const name = error instanceof Error ? error.constructor.name : ''
  if (!name.startsWith('PrismaClient') && name !== 'DriverAdapterError') return error
  return new ChatwardenError('AUDIT_UNAVAILABLE', databaseMessage(error), { cause: error })
}
