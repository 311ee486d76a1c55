import type { Moderate } from './moderation.ts'
import { ModerationError } from './moderation-error.ts'

/** Nothing is wrong with it, wherever it is asked about. */
const PLAIN_TEXT = 'Hello.'
/** In milliseconds; a service that took a text so lately takes texts. */
const KNOWN_FOR = 60_000

/**
 * Where a service will not take a text, asks whether it takes any: with a model that does not exist, say, it never does,
 * and then the service is down, or how it is set up is wrong. Else nothing would ever pass, and nobody be told.
 */
export function knowingOutages(ask: Moderate): Moderate {
  let tookAt = Number.NEGATIVE_INFINITY
  const asking: Moderate = async (text) => {
    const answer = await ask(text)
    tookAt = performance.now()
    return answer
  }
  return async (text) => {
    try {
      return await asking(text)
    } catch (error) {
      if (isAboutText(error) && performance.now() - tookAt >= KNOWN_FOR)
        await asking(PLAIN_TEXT).catch((other) => {
          throw isAboutText(other) ? takesNone(other) : other
        })
      throw error
    }
  }
}

function isAboutText(error: unknown): error is ModerationError {
  try {
    return error instanceof ModerationError && error.isAboutText
  } catch {
    // A host's error may fail where it is looked at.
    return false
  }
}

const takesNone = ({ message }: ModerationError) =>
  new ModerationError(`${message} It takes no text at all, not even a greeting: is its model right, and its address?`)
