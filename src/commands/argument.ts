import { z } from 'zod'
import type { Account } from '../kernel/account.ts'
import { keyword } from '../kernel/keyword.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Texts } from '../text/english.ts'

/** What a message brings along that its words do not say. */
export interface ReadContext {
  /** Mentions that the platform resolved, by the text that stands for them. */
  readonly mentions: ReadonlyMap<string, Account>
  readonly defaultCountry: string | undefined
  /** Whom the message replied to is of, or, of a contact card, the one who is on it: stands in where a person was left out. */
  readonly quoted: Account | undefined
  /** Who is on the contact card replied to, where that is not exactly one person. */
  readonly card?: readonly Account[]
  /** Whom the command is about, as far as it has been read. */
  readonly about?: unknown
  /** How many words were left where a person was left out, and stands in whom the message replied to. */
  readonly leftOutAt?: number
  /** Which of two forms a number has for certain, where a platform told. */
  readonly told?: Phone | undefined
  /** The last so many words as they were typed, with their quotes and spaces. */
  tail(words: number): string
  /** Whether the first of the last so many words was in quotes: then it means nothing else. */
  isQuoted(words: number): boolean
  /** In milliseconds since 1970. */
  readonly now: number
  readonly timeZone: string
}

/** Words that can mean two things: nothing is done then. `problem`: as `invalid` of the argument takes it. */
export interface Uncertain {
  readonly problem: unknown
}

/** One argument of a command. */
export interface Argument<T = unknown> {
  /** As in the usage line: `<account>`, `[days]`. */
  readonly placeholder: string
  /** Whether it takes whatever a person writes, so that no word in it means anything else. */
  readonly isFreeText?: boolean
  /** Whether it is about whom the command is: another person after it is a question. */
  readonly isPerson?: boolean
  /** How many of the next words belong to it, 0 if it was left out; or why that, or what they mean, is not certain. */
  take(words: readonly string[], context: ReadContext): number | Uncertain
  /** What it is when it was left out; `undefined` if it may not be. */
  absent(context: ReadContext): T | undefined
  schema(context: ReadContext): z.ZodType<T, string>
  missing(texts: Texts): string
  /** `params`: what the schema, or `take`, said of the problem. */
  invalid(texts: Texts, typed: string, params?: unknown): string
}

export const oneWord = (words: readonly string[]): number => Math.min(words.length, 1)

/** One of a few words of ours, in capitals. */
export const ofOurs = z.string().transform((typed) => keyword(typed).toUpperCase())
