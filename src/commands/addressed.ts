import { keyword } from '../kernel/keyword.ts'
import { nearlyCommand } from './nearly.ts'
import { afterPrefix } from './tokenize.ts'

/** How a message speaks to the bot. */
export type Addressed =
  /** `words`: what follows the prefix. */
  | { readonly kind: 'command'; readonly words: string }
  /** A bare `more`, which is a command only where a page was shown that goes on. */
  | { readonly kind: 'more'; readonly words: string }
  /** It does not begin as commands do, and was clearly meant as one; `words`: what would follow the prefix. */
  | { readonly kind: 'nearly'; readonly words: string }

const LONGEST_MORE = 40

/** @returns how; `undefined` where a message does not speak to the bot. */
export function addressed(text: string, prefix: string): Addressed | undefined {
  const words = afterPrefix(text, prefix)
  if (words !== undefined) return { kind: 'command', words }
  if (text.length <= LONGEST_MORE && /^more[.!,…]{0,3}$/.test(keyword(text))) return { kind: 'more', words: 'more' }
  const nearly = nearlyCommand(text, prefix)
  return nearly && { kind: nearly.isCertain ? 'command' : 'nearly', words: nearly.words }
}
