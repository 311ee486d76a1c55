import type { Who } from '../audit/entry/audit-filter.ts'
import { idOf } from '../kernel/account.ts'
import { otherSpellings } from '../kernel/canonical-phone.ts'
import { isId } from '../kernel/ids.ts'
import { inJson } from '../kernel/json.ts'
import { withMarks } from '../kernel/lookalikes.ts'
import { literally } from '../kernel/pattern.ts'
import { isPhone } from '../kernel/phone.ts'

/** By what somebody stands among other text, such as ids of messages and chats, JSON and answers. */
export interface Trace {
  /** What it is known by, as it stands there. */
  readonly words: readonly string[]
  /** A part of each of them that is written in one way everywhere and means nothing in a pattern of SQL. */
  readonly core: string
  /** Whether text has it, and not within something longer, which is somebody else's. */
  isIn(text: string): boolean
  /** Whether it is the platform's own id of the account. */
  isId(id: string): boolean
}

/** A shorter id may be anything, and one without a digit may be any word. */
const isDistinctive = (id: string): boolean => id.length >= 7 && /[0-9]/.test(id)

/** The digits of numbers and of LIDs; of other accounts they themselves, and their id where it can be nothing else; the id of a user. */
export const tracesOf = ({ userId = '', accounts }: Who): Trace[] => [
  ...accounts.flatMap(tracesOfAccount),
  // The id that a host has for somebody may be a short word.
  ...(isId(userId) ? [traceOf([userId])] : []),
]

function tracesOfAccount(account: string): Trace[] {
  if (isPhone(account)) return [account, ...otherSpellings(account)].map((phone) => traceOf([phone.slice(1)]))
  const id = idOf(account)
  const lid = /^([0-9]+)@lid$/.exec(id)?.[1]
  if (lid !== undefined) return [traceOf([lid])]
  return [traceOf(isDistinctive(id) ? [id] : [account], id)]
}

function traceOf(names: readonly string[], id?: string): Trace {
  const words = [...new Set([...names, ...names.map(inJson)])]
  const alone = new RegExp(`(?<![0-9A-Za-z])(?:${words.map(literally).join('|')})(?![0-9A-Za-z])`, 'u')
  return {
    words,
    core: coreOf(id ?? names[0] ?? ''),
    // Answers show some marks by letters that look like them.
    isIn: (text) => alone.test(text) || alone.test(withMarks(text)),
    isId: (text) => text === id,
  }
}

const coreOf = (id: string): string =>
  id.split(/[\\%_"*~`\p{C}]/u).reduce((longest, part) => (part.length > longest.length ? part : longest), '')
