/** What the driver said, wherever Prisma put it. */
interface DriverCause {
  readonly originalCode?: string
  readonly originalMessage?: string
  readonly kind?: string
}

/** Whether another connection holds the lock, as Prisma says it or the driver itself. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY')

/** Whether the file is no sound database, as Prisma says it or the driver itself. */
export const isDamaged = (error: unknown): boolean => /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(error))

function codeOf(error: unknown): string {
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
  if (typeof cause === 'object' && cause !== null && 'originalCode' in cause) return cause as DriverCause
  return undefined
}
