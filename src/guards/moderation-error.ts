/** What may be told of an error besides its text, which may hold anything: codes and class names, e.g. `ECONNREFUSED`. */
const KIND = /^[A-Za-z][A-Za-z0-9_.]{0,59}$/

/** Moderation gave no verdict. The message never holds what was to be checked, nor a key. */
export class ModerationError extends Error {
  override readonly name = 'ModerationError'
  /** Whether the service answers, and only would not take this text: it passes nowhere, and the service is not down. */
  readonly isAboutText: boolean
  /** Whether the service refused what it was asked, be it for the text or for how it was asked. */
  readonly isRefusal: boolean

  constructor(message: string, isAboutText = false, isRefusal = isAboutText) {
    super(message)
    this.isAboutText = isAboutText
    this.isRefusal = isRefusal
  }
}

/** Whether an error says that; some objects throw when they are looked at. */
export function says(error: unknown, what: 'isAboutText' | 'isRefusal'): error is ModerationError {
  try {
    return error instanceof ModerationError && error[what]
  } catch {
    return false
  }
}

/** What kind of error it is: its code, or its cause's, or its name. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const kinds = [codeOf(error), codeOf(error.cause), error.name]
  return kinds.find((kind): kind is string => typeof kind === 'string' && KIND.test(kind)) ?? 'Error'
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
