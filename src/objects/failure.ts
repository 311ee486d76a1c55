import { ChatwardenError } from '../kernel/errors.ts'

/** Names what was done and why it failed, but quotes no message: the library writes those, and requests hold keys. */
export const unavailable = (action: string, reason: string, cause?: unknown): ChatwardenError =>
  new ChatwardenError('OBJECT_STORE_UNAVAILABLE', `${action}: ${reason}.`, { cause })

/** Whatever goes wrong is thrown as `OBJECT_STORE_UNAVAILABLE`. */
export async function attempt<T>(action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof ChatwardenError ? error : unavailable(action, reasonOf(error), error)
  }
}

interface Failure {
  readonly name?: string
  readonly code?: string | number
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** The store was there and said no, or `undefined`: nothing was heard of it. */
const statusOf = (error: unknown): number | undefined => (error as Failure).$metadata?.httpStatusCode

/** Goes on where the store refuses; not where it does not answer. */
export function refused(error: unknown): void {
  if (statusOf(error) === undefined) throw error
}

/** Goes on, with `undefined`, where the store says one of these. */
export const said =
  (...names: readonly string[]) =>
  (error: unknown): undefined => {
    if (!names.includes((error as Failure).name ?? '')) throw error
  }

function reasonOf(error: unknown): string {
  const { name = 'unknown', code } = error as Failure
  const status = statusOf(error)
  return status === undefined ? String(code ?? name) : `${name} (HTTP ${status})`
}
