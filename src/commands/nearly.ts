import { distance } from 'fastest-levenshtein'
import { folded, keyword } from '../kernel/keyword.ts'
import { UNSEEN } from '../kernel/phone-text.ts'
import { quotedAt, unquoted } from '../kernel/quotes.ts'
import { COMMANDS, commandName } from './registry.ts'
import { resolve } from './resolve.ts'
import { afterPrefix, tokenize } from './tokenize.ts'

/** As far as it takes to see what is meant. */
const HEAD = 1000
/** Marks, a word, marks that may stand between it and the next, and the rest. */
const BEGINNING = /^(?<marks>[\p{P}\p{S}]{1,6})\s*(?<first>[\p{L}\p{N}]+)(?<rest>[\p{P}\s].*)$/su
const BETWEEN = /^[\p{P}\s]{1,6}/u
const QUOTE = /["'>＂«»‹›「」『』\p{Pi}\p{Pf}„‚]/u
/** What is written, or what phones make, in place of an exclamation mark. */
const EXCLAMATION = /[!¡ǃ❗❕]/u

/**
 * The words of a command that was clearly meant, in a message that does not begin as commands do. What stands there in
 * place of the prefix has to be much like it, and what follows a command of ours: people write other things to other
 * bots, and to each other. `isCertain`: it is that command.
 */
export function nearlyCommand(
  text: string,
  prefix: string,
): { readonly words: string; readonly isCertain: boolean } | undefined {
  const spaced = afterPrefix(text, prefix, true)
  if (spaced !== undefined) return commandIn(spaced, true)
  const seen = text.slice(0, HEAD).replace(UNSEEN, '').trim()
  const quoted = withinQuotes(seen, prefix)
  if (quoted !== undefined) return commandIn(quoted, false)
  const { marks = '', first = '', rest = '' } = BEGINNING.exec(seen)?.groups ?? {}
  const own = partsOf(prefix)
  // After a mark alone anything may follow.
  if (own.word === '' || !callsLike(marks, own.marks) || isMention(marks, rest)) return undefined
  const typed = keyword(first)
  return typed === own.word || isSlip(typed, own.word) ? commandIn(rest.replace(BETWEEN, ''), false) : undefined
}

/** What follows the prefix in a message that is all in quotes: it may be meant, or only be spoken of. */
function withinQuotes(text: string, prefix: string): string | undefined {
  const piece = quotedAt(text, 0)?.piece
  return piece === text ? afterPrefix(unquoted(piece), prefix) : undefined
}

/** Its marks and the word after them, either of which may be empty. */
function partsOf(prefix: string): { readonly marks: string; readonly word: string } {
  const own = keyword(prefix)
  const word = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(own)
  return { marks: own.slice(0, word?.index), word: word?.[0] ?? '' }
}

/** A command that stands between marks, with more after it, is spoken of. */
const isMention = (marks: string, rest: string): boolean =>
  [...'*_~`'].some((mark) => marks.includes(mark) && rest.slice(0, -1).includes(mark))

/** Who quotes a command speaks of it. */
const callsLike = (marks: string, own: string): boolean =>
  !QUOTE.test(marks) &&
  ([...folded(marks)].some((mark) => own.includes(mark)) || (own.includes('!') && EXCLAMATION.test(marks)))

/** One letter wrong, or two of a longer word. */
const isSlip = (typed: string, word: string): boolean =>
  word.length >= 4 && distance(typed, word) <= (word.length < 6 ? 1 : 2)

/** What are words of ours, or as near to it as a slip; `mayRun`: where they are some, they are a command. */
function commandIn(words: string, mayRun: boolean): ReturnType<typeof nearlyCommand> {
  const typed = tokenize(words.slice(0, HEAD))
  const resolved = resolve(typed, 'OWNER')
  if (resolved.kind !== 'unknown') return { words, isCertain: mayRun }
  const beginning = typed.slice(0, 2).map(keyword).join(' ')
  const isNear = COMMANDS.some((command) => isSlip(beginning, commandName(command)))
  return isNear ? { words, isCertain: false } : undefined
}
