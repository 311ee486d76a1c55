import { type Moderate, verdictOf } from './moderation.ts'
import { ModerationError, says } from './moderation-error.ts'

/** Nothing is wrong with it, wherever it is asked about. */
const PLAIN_TEXT = 'Hello.'
/** In milliseconds; a service that took a text so lately takes texts. */
const KNOWN_FOR = 60_000

/**
 * Tells a service that is down from one that will not take a text, by a text that any takes. With a model that does not exist, say,
 * it never takes one: then it is down, or set up wrongly, and nothing would pass, and nobody be told. And where it takes that one,
 * it is the text that it failed at: nobody's text makes a service down for everybody.
 */
export function knowingOutages(ask: Moderate): Moderate {
  let tookAt = Number.NEGATIVE_INFINITY
  const asking: Moderate = async (text) => {
    const answer = verdictOf(await ask(text))
    tookAt = performance.now()
    return answer
  }
  const isKnown = () => performance.now() - tookAt < KNOWN_FOR
  return async (text) => {
    try {
      return await asking(text)
    } catch (error) {
      if (!says(error, 'isAnswer') || (error.isAboutText && isKnown())) throw error
      await asking(PLAIN_TEXT).catch((other) => {
        throw error.isAboutText && says(other, 'isAboutText') ? takesNone(other) : other
      })
      if (error.isAboutText) throw error
      // It may have been for a moment.
      return await asking(text).catch((again) => {
        throw says(again, 'isAnswer') ? new ModerationError(again.message, true) : again
      })
    }
  }
}

const takesNone = ({ message }: ModerationError) =>
  new ModerationError(`${message} It takes no text at all, not even a greeting: is its model right, and its address?`)
