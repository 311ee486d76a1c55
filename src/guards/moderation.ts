import { z } from 'zod'
import { plainLine } from '../kernel/plain-text.ts'
import { kindOf, ModerationError, says } from './moderation-error.ts'
import { report } from './report.ts'

export interface Moderated {
  readonly flagged: boolean
  /** What the text was found to be, e.g. `harassment`. */
  readonly categories: readonly string[]
}

/** Asks a service about a text. It should have a time limit of its own, and rejects where there is no answer. */
export type Moderate = (text: string) => Promise<Moderated>

export interface ModerationFlag<Who> {
  readonly who: Who
  readonly categories: readonly string[]
}

export interface ModerationOptions<Who> {
  readonly moderate: Moderate
  /** Whether texts pass while the service gives no verdict. Asked each time; if it throws, they are held. */
  readonly whenDown: () => 'hold' | 'pass'
  /** Called for every text that is flagged, never with the text. What it throws is dropped. */
  readonly onFlag?: (flag: ModerationFlag<Who>) => void
  /**
   * Called each time the service gives no verdict. A `ModerationError` comes as `moderate` threw it; of any other error,
   * which may quote the text, only the code or the name is told. What the callback throws is dropped.
   */
  readonly onDown?: (error: ModerationError) => void
}

export interface ModerationVerdict extends Moderated {
  /** Whether the text may be used. A flagged one never may. */
  readonly passes: boolean
  /** Whether there is no verdict, so that `whenDown` decided. */
  readonly isDown: boolean
}

export interface Moderation<Who> {
  /** Never rejects. */
  check(who: Who, text: string): Promise<ModerationVerdict>
}

/** Keeps out what a moderation service flags. At most 50 categories of 100 characters are told of a text. */
export const createModeration = <Who>(options: ModerationOptions<Who>): Moderation<Who> => ({
  check: async (who, text) => {
    const answer = await ask(options, text)
    if (answer === 'down') return withoutVerdict(options.whenDown)
    if (answer === 'refused') return { passes: false, flagged: false, categories: [], isDown: false }
    const { flagged, categories } = answer
    if (flagged) report(options.onFlag, { who, categories })
    return { passes: !flagged, flagged, categories, isDown: false }
  },
})

const MAX_CATEGORIES = 50
const MAX_CATEGORY_LENGTH = 100

const answerSchema = z.object({
  flagged: z.boolean(),
  categories: z
    .array(z.string())
    .transform((names) => names.slice(0, MAX_CATEGORIES).map((name) => plainLine(name, MAX_CATEGORY_LENGTH))),
})

/** What a host's function may have answered. @throws {ModerationError} for what is no verdict. */
export function verdictOf(answer: unknown): Moderated {
  const { success, data } = answerSchema.safeParse(answer)
  if (success) return data
  throw new ModerationError('The moderation service gave something that is not a verdict.')
}

async function ask<Who>(
  { moderate, onDown }: ModerationOptions<Who>,
  text: string,
): Promise<Moderated | 'down' | 'refused'> {
  try {
    return verdictOf(await moderate(text))
  } catch (error) {
    if (says(error, 'isAboutText')) return 'refused'
    report((thrown) => onDown?.(withoutText(thrown)), error)
    return 'down'
  }
}

function withoutText(error: unknown): ModerationError {
  if (error instanceof ModerationError) return error
  return new ModerationError(`The moderation service failed (${kindOf(error)}).`)
}

function withoutVerdict(whenDown: () => 'hold' | 'pass'): ModerationVerdict {
  let passes = false
  try {
    passes = whenDown() === 'pass'
  } catch {
    // Held: a text that nobody looked at passes only where that is said.
  }
  return { passes, flagged: false, categories: [], isDown: true }
}
