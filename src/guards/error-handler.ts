import { report } from './report.ts'

/** Thrown by host code where somebody may not do what they try, for an error handler to report. */
export class PermissionError extends Error {
  override readonly name = 'PermissionError'
  /** What was tried, e.g. `RESET_CONVERSATION`. */
  readonly attemptedAction: string
  readonly reason: string | undefined

  constructor(attemptedAction: string, reason?: string) {
    super(reason === undefined ? `Not permitted: ${attemptedAction}` : `Not permitted: ${attemptedAction} (${reason})`)
    this.attemptedAction = attemptedAction
    this.reason = reason
  }
}

export interface Denied<Who> {
  readonly who: Who
  /** `UNKNOWN` where the error does not say it. */
  readonly attemptedAction: string
  /** Only of a `PermissionError`. */
  readonly reason: string | undefined
}

export interface ErrorHandlerOptions<Who> {
  /** A `PermissionError`, also one of another copy of this package, where it is left out. */
  readonly isPermissionError?: (error: unknown) => boolean
  /** Called once for each permission error, never with an error's message. What it throws is dropped. */
  readonly onDenied?: (denied: Denied<Who>) => void
}

export interface ErrorHandler<Who> {
  /**
   * Runs host code for somebody, and rejects with whatever it threw, unchanged. A permission error is reported first;
   * one error object only once, however many runs of this handler it passes, so throw a new one each time.
   */
  run<T>(who: Who, work: () => Promise<T>): Promise<T>
}

/** Reports what host code does not permit. */
export function createErrorHandler<Who>(options: ErrorHandlerOptions<Who> = {}): ErrorHandler<Who> {
  const { isPermissionError = isOurs, onDenied } = options
  const reported = new WeakSet<object>()
  const tell = ({ who, error }: { who: Who; error: unknown }) => {
    if (!isPermissionError(error)) return
    if (isObject(error) && reported.has(error)) return
    if (isObject(error)) reported.add(error)
    return onDenied?.({ who, ...attemptOf(error) })
  }
  return {
    run: async (who, work) => {
      try {
        return await work()
      } catch (error) {
        report(tell, { who, error })
        throw error
      }
    },
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isOurs = (error: unknown): error is Error => error instanceof Error && error.name === 'PermissionError'

/** What a foreign error says may be anything, such as the words of a chat; only a declared action is taken from it. */
function attemptOf(error: unknown): { attemptedAction: string; reason: string | undefined } {
  const action = isObject(error) && 'attemptedAction' in error ? error.attemptedAction : undefined
  const reason = isOurs(error) && 'reason' in error ? error.reason : undefined
  return {
    attemptedAction: typeof action === 'string' ? action : 'UNKNOWN',
    reason: typeof reason === 'string' ? reason : undefined,
  }
}
