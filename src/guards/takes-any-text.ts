import { within } from '../kernel/within.ts'
import { type Moderate, verdictOf } from './moderation.ts'
import { ModerationError, says } from './moderation-error.ts'

/** Nothing is wrong with it, wherever it is asked about. */
const PLAIN_TEXT = 'Hello.'
/** In milliseconds; a service that took a text so lately takes texts. */
const KNOWN_FOR = 60_000

/** In milliseconds. A host's function should have a time limit of its own, and what has none would wait for ever, as would who closes the bot. */
const LONGEST = 30_000

/**
 * Tells a service that is down from one that will not take a text, by a text that any takes. With a model that does not exist, say,
 * it never takes one: then it is down, or set up wrongly, and nothing would pass, and nobody be told. And where it refuses a request
 * and takes that one, it is the text that it refused: nobody's text makes a service down for everybody.
 */
export function knowingOutages(ask: Moderate, longest = LONGEST): Moderate {
  let tookAt = Number.NEGATIVE_INFINITY
  const asking: Moderate = async (text) => {
    const answer = verdictOf(await within(longest, ask(text), () => late(longest)))
    tookAt = performance.now()
    return answer
  }
  const isKnown = () => performance.now() - tookAt < KNOWN_FOR
  return async (text) => {
    try {
      return await asking(text)
    } catch (error) {
      if (!says(error, 'isRefusal') || (error.isAboutText && isKnown())) throw error
      await asking(PLAIN_TEXT).catch((other) => {
        throw error.isAboutText && says(other, 'isAboutText') ? takesNone(other) : other
      })
      throw error.isAboutText ? error : new ModerationError(error.message, true)
    }
  }
}

const late = (ms: number) => new ModerationError(`The moderation service did not answer within ${ms} ms.`)

const takesNone = ({ message }: ModerationError) =>
  new ModerationError(`${message} It takes no text at all, not even a greeting: is its model right, and its address?`)
