import { z } from 'zod'
import { type Account, isPlatform, parseAccount } from '../../kernel/account.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Source } from '../../kernel/message.ts'
import { internationalPhone } from '../../kernel/phone-spelling.ts'
import { AuditCategory } from './event-type.ts'

/** One person, whichever of their accounts they act by. */
export interface Who {
  /** The id of their user, if they are one. */
  readonly userId?: string | undefined
  readonly accounts: readonly string[]
}

/** Which entries; what is left out does not restrict. All that is given must hold, and of a list one of it. */
export interface AuditFilter {
  readonly userId?: string | undefined
  /** By which account somebody acted: see `Person`. */
  readonly account?: string | undefined
  /** The same by document 002's name. */
  readonly phoneNumber?: string | undefined
  /** Which account was acted upon. */
  readonly targetPhoneNumber?: string | undefined
  /** Who acted, by whichever of their accounts. */
  readonly by?: Who | undefined
  /** Who was acted upon, by whichever of their accounts. */
  readonly about?: Who | undefined
  readonly category?: AuditCategory | readonly AuditCategory[] | undefined
  readonly action?: string | readonly string[] | undefined
  readonly channelId?: string | undefined
  readonly requestId?: string | undefined
  readonly source?: Source | readonly Source[] | undefined
  /** Text that is in the description, the name, the object or the metadata, small and capital letters of ASCII alike. */
  readonly text?: string | undefined
  /** From this moment on. */
  readonly startDate?: Date | undefined
  /** Up to and including this moment. */
  readonly endDate?: Date | undefined
}

export interface AuditQuery extends AuditFilter {
  /** At most this many, 1 to 1000. Without it, all. */
  readonly limit?: number | undefined
  /** Passes over this many of the newest. To page, prefer `beforeSeq`, which costs the same for every page. */
  readonly offset?: number | undefined
  /** Only entries before this one in the trail: the `seq` of the last entry of the page before. */
  readonly beforeSeq?: number | undefined
}

/** How many values a list may have: each is a question of its own to the database. */
const MOST_VALUES = 20

/** Each is a walk of its own, of which no database takes any number at a time. */
const MOST_ACCOUNTS = 50

const text = z.string().min(1).max(500)
const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1).max(MOST_VALUES)])
const wholeNumber = (from: number, to: number) => z.int().min(from).max(to)

const who = z
  .strictObject({ userId: text.optional(), accounts: z.array(text).max(MOST_ACCOUNTS) })
  .refine(({ userId, accounts }) => userId !== undefined || accounts.length > 0)

const FIELDS = {
  userId: [text, 'some text'],
  account: [text, 'some text'],
  phoneNumber: [text, 'some text'],
  by: [who, 'the id of a user, accounts, or both'],
  about: [who, 'the id of a user, accounts, or both'],
  targetPhoneNumber: [text, 'some text'],
  category: [oneOrMore(z.enum(AuditCategory)), `one of ${Object.keys(AuditCategory).join(', ')}`],
  action: [oneOrMore(text), 'some text'],
  channelId: [text, 'some text'],
  requestId: [text, 'some text'],
  source: [oneOrMore(text.refine(isPlatform)), 'a word such as whatsapp, telegram, api'],
  text: [text, 'some text'],
  startDate: [z.date().optional(), 'a valid Date'],
  endDate: [z.date().optional(), 'a valid Date'],
  limit: [wholeNumber(1, 1000).optional(), '1 to 1000'],
  offset: [wholeNumber(0, 2 ** 31).optional(), '0 or more'],
  beforeSeq: [wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(), '0 or more'],
} as const satisfies Record<keyof AuditQuery, readonly [z.ZodType, string]>

/**
 * @throws {ChatwardenError} `INVALID_ARGUMENT` naming the field, for anything that could not be meant. A person who is
 * not named must never mean everybody: an id left `undefined` would hand out the whole trail.
 */
export function checkQuery(query: AuditQuery): void {
  for (const [name, value] of Object.entries(query)) {
    if (!Object.hasOwn(FIELDS, name)) throw invalid('filter', name, `one of ${Object.keys(FIELDS).join(', ')}`)
    const [schema, wanted] = FIELDS[name as keyof AuditQuery]
    if (!schema.safeParse(value).success) throw invalid(name, value, wanted)
  }
}

/**
 * An account as the trail holds it, from any form in which a host may have it; other text (`GLOBAL`) as it is. Programs keep
 * numbers as bare digits, so those are in international form here, where people who type them are asked for a plus.
 */
export function trailAccount(text: string): Account | string {
  return internationalPhone(text) ?? parseAccount(text) ?? text
}

function invalid(name: string, value: unknown, wanted: string): ChatwardenError {
  return new ChatwardenError('INVALID_ARGUMENT', `${name} must be ${wanted}, not ${String(value)}.`)
}

/** A filter as an entry says it: people by the names that a command gives them, and every value in one line. */
export function filterInEntry(filter: AuditFilter): Record<string, string> {
  const { account, phoneNumber, targetPhoneNumber, by, about, ...others } = filter
  const named = { phoneNumber: namesOf([account, phoneNumber], by), target: namesOf([targetPhoneNumber], about) }
  return Object.fromEntries(
    Object.entries({ ...others, ...named }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : [value].flat().join(',')]],
    ),
  )
}

/** Everybody who is asked for. */
function namesOf(accounts: readonly (string | undefined)[], who: Who | undefined): readonly string[] | undefined {
  const named = accounts.filter((each) => each !== undefined).map(trailAccount)
  const all = new Set([...named, ...(who?.accounts.length === 0 ? [who.userId ?? ''] : (who?.accounts ?? []))])
  return all.size === 0 ? undefined : [...all]
}

/** The person whom a filter asks for by the id of their user, if it names one. */
export const subjectOfFilter = ({ userId, by, about }: AuditFilter): string | undefined =>
  about?.userId ?? by?.userId ?? userId
