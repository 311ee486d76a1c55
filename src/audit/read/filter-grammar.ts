import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { isPlatform } from '../../kernel/account.ts'
import { keyword, plainWord } from '../../kernel/keyword.ts'
import { countDigits, type PhoneEnd, phoneEnds, phoneWords, withoutComma } from '../../kernel/phone-end.ts'
import type { PhoneProblem } from '../../kernel/phone-spelling.ts'
import { looksLikePhone } from '../../kernel/phone-text.ts'
import { AuditCategory } from '../entry/event-type.ts'
import { type Word, wordsIn } from './filter-words.ts'

const MOST_VALUES = 20

const list = <T extends z.ZodType<string, string>>(one: T) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(one).min(1).max(MOST_VALUES))
    .transform((values) => [...new Set(values)])
const plain = z.string().transform(plainWord)
const capitals = z.string().transform((text) => keyword(text).toUpperCase())
const small = z.string().transform(keyword)
const words = z.string().trim().min(1).max(200)

/** A day, a moment, or how long ago. */
const MOMENT =
  /^(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?|\d{1,4}[mhdw]|today|yesterday)$/i
// A capital M is a month to some and a minute to others.
const moment = plain.pipe(
  z
    .string()
    .regex(MOMENT)
    .regex(/^(?!\d+M$)/),
)

/** What each word takes. People are read by whoever knows of accounts and mentions. */
const TAKES = {
  category: list(capitals.pipe(z.enum(AuditCategory))),
  action: list(plain.pipe(z.string().regex(/^[\w.:-]{1,64}$/))),
  actor: words,
  target: words,
  channel: words,
  request: words,
  source: list(small.refine(isPlatform)),
  text: words,
  since: moment,
  until: moment,
} as const

/** How an export is written. */
const SHAPES = {
  format: small.pipe(z.enum(['json', 'jsonl', 'csv', 'json.gz', 'jsonl.gz', 'csv.gz'])),
  profile: small.pipe(z.enum(['moderation'])),
  bom: small.pipe(z.enum(['yes', 'no'])),
} as const

const ALL_TAKES = { ...TAKES, ...SHAPES }

type Key = keyof typeof ALL_TAKES

/** What was meant, as it was typed: it can be kept as JSON and read again later. */
export type FilterWords = { readonly [K in Key]?: z.output<(typeof ALL_TAKES)[K]> } & { readonly days?: number }

/** What is wrong with a filter, and with which word of it. */
export interface FilterProblem {
  readonly kind: 'unknown' | 'invalid' | 'repeated' | 'days' | 'order' | 'phone' | 'ends'
  readonly word: string
  /** Which filter it is about; of an unknown one, the nearest that there is. */
  readonly key?: string | undefined
  /** Of a number that is not certain, why. */
  readonly phone?: PhoneProblem | undefined
  /** Of a number with digits after it, where it may end. */
  readonly readings?: readonly PhoneEnd[] | undefined
}

export type ParsedFilter =
  | { readonly kind: 'filter'; readonly words: FilterWords }
  | { readonly kind: 'problem'; readonly problem: FilterProblem }

/** The words that say how an export is written. */
export type ShapeWord = keyof typeof SHAPES
export const SHAPE_WORDS = Object.keys(SHAPES) as ShapeWord[]

interface Grammar {
  /** The words beyond those of a filter that are taken too. */
  readonly more?: readonly ShapeWord[]
  /** A person's account from what was typed, or what is in the way of reading one. */
  person(typed: string): string | PhoneProblem
  /** Whose numbers are understood without a country (ISO 3166-1 alpha-2). */
  readonly country?: string | undefined
}

const MOST_DAYS = 365

const PEOPLE: ReadonlySet<string> = new Set(['actor', 'target'])

/** The words up to the next pair. */
const bareOf = (words: readonly Word[]): string[] => {
  const end = words.findIndex(({ name }) => name !== undefined)
  return words.slice(0, end === -1 ? words.length : end).map(({ word }) => word)
}

/** Reads the words of a filter, of which there has to be one. Each may stand once, in any order. */
export function parseFilter(text: string, { more = [], person, country }: Grammar): ParsedFilter {
  const keys: readonly string[] = [...Object.keys(TAKES), ...more]
  const found: Record<string, unknown> = {}
  if (plainWord(text) === '') return { kind: 'problem', problem: { kind: 'days', word: '' } }
  let words = wordsIn(text)
  while (words[0] !== undefined) {
    const { word, name, typed, isQuoted } = words[0]
    const isPerson = name !== undefined && !isQuoted && PEOPLE.has(keyword(name))
    const number = isPerson ? numberIn([typed, ...bareOf(words.slice(1))]) : undefined
    const problem =
      number?.kind === 'open'
        ? ({ kind: 'ends', key: keyword(name ?? ''), readings: number.readings } as const)
        : name === undefined
          ? readDays(word)
          : readPair(name, number?.text ?? typed)
    if (problem !== undefined) return { kind: 'problem', problem: { ...problem, word } }
    words = words.slice(number?.kind === 'certain' ? number.words : 1)
  }
  return { kind: 'filter', words: found }

  /** The number that words begin with, which may hold spaces where it was pasted, and a comma at its end. */
  function numberIn(words: readonly string[]) {
    const [first = ''] = words
    if (countDigits(first) === 0 || !looksLikePhone(withoutComma(first))) return undefined
    const ends = phoneEnds(words.slice(0, phoneWords(words)), country)
    if (ends.kind === 'open') return ends
    return { ...ends, text: withoutComma(words.slice(0, ends.words).join(' ')) }
  }

  function readPair(name: string, typed: string): Omit<FilterProblem, 'word'> | undefined {
    const key = keyword(name)
    if (!keys.includes(key)) return { kind: 'unknown', key: nearest(key, keys) }
    if (key in found || ((key === 'since' || key === 'until') && 'days' in found)) return { kind: 'repeated', key }
    const read = ALL_TAKES[key as Key].safeParse(typed)
    if (!read.success) return { kind: 'invalid', key }
    const value = PEOPLE.has(key) ? person(typed) : read.data
    const isProblem = typeof value === 'object' && 'kind' in value
    if (isProblem) return value.kind === 'not-a-phone' ? { kind: 'invalid', key } : { kind: 'phone', key, phone: value }
    found[key] = value
    return undefined
  }

  function readDays(bare: string): Omit<FilterProblem, 'word'> | undefined {
    const days = plainWord(bare)
    if (!/^[0-9]{1,4}$/.test(days) || Number(days) < 1 || Number(days) > MOST_DAYS) return { kind: 'days' }
    if ('days' in found || 'since' in found || 'until' in found) return { kind: 'repeated', key: 'days' }
    found.days = Number(days)
    return undefined
  }
}

function nearest(name: string, keys: readonly string[]): string | undefined {
  const [best] = keys.map((key) => ({ key, far: distance(name, key) })).sort((a, b) => a.far - b.far)
  return best !== undefined && best.far <= 2 ? best.key : undefined
}

/** What of the words restricts, for the trail: who looked for what. */
export function recordOf(words: FilterWords): Record<string, string | number> {
  const { actor, target, format, profile, bom, ...others } = words
  return Object.fromEntries(
    Object.entries({ ...others, phoneNumber: actor, target }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  )
}
