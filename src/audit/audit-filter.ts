import { ChatwardenError } from '../kernel/errors.ts'
import { type Phone, parsePhone, phoneOfAccount } from '../kernel/phone.ts'
import { AuditCategory } from './event-type.ts'

/** Which entries; what is left out does not restrict. All that is given must hold. */
export interface AuditFilter {
  readonly userId?: string | undefined
  /** Who acted: E.164, digits, or a platform's account id. */
  readonly phoneNumber?: string | undefined
  /** The person acted upon. */
  readonly targetPhoneNumber?: string | undefined
  readonly category?: AuditCategory | undefined
  readonly action?: string | undefined
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

const LIMIT = { from: 1, to: 1000 }

const TEXTS: readonly string[] = ['userId', 'phoneNumber', 'targetPhoneNumber', 'category', 'action']
const KEYS: readonly string[] = [...TEXTS, 'startDate', 'endDate', 'limit', 'offset', 'beforeSeq']

/** @throws {ChatwardenError} `INVALID_ARGUMENT` naming the field, for anything that could not be meant. */
export function checkQuery(query: AuditQuery): void {
  const { limit, offset, beforeSeq, startDate, endDate } = query
  for (const [name, value] of Object.entries(query)) {
    if (!KEYS.includes(name)) throw invalid('filter', name, `one of ${KEYS.join(', ')}`)
    // A person who is not named must never mean everybody: an id left undefined would hand out the whole trail.
    if (TEXTS.includes(name) && (typeof value !== 'string' || value === '')) throw invalid(name, value, 'some text')
  }
  if (query.category !== undefined && !Object.hasOwn(AuditCategory, query.category))
    throw invalid('category', query.category, `one of ${Object.keys(AuditCategory).join(', ')}`)
  if (limit !== undefined && !inRange(limit, LIMIT.from, LIMIT.to)) throw invalid('limit', limit, '1 to 1000')
  if (offset !== undefined && !inRange(offset, 0, 2 ** 31)) throw invalid('offset', offset, '0 or more')
  if (beforeSeq !== undefined && !inRange(beforeSeq, 0, 2 ** 53)) throw invalid('beforeSeq', beforeSeq, '0 or more')
  for (const [name, date] of Object.entries({ startDate, endDate }))
    if (date !== undefined && !(date instanceof Date && Number.isFinite(date.getTime())))
      throw invalid(name, date, 'a valid Date')
}

/** A number as the trail holds it, from any form in which a host may have it; other text (`GLOBAL`) as it is. */
export function trailPhone(text: string): Phone | string {
  return phoneOfAccount(text) ?? parsePhone(text) ?? text
}

const inRange = (value: unknown, from: number, to: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to

function invalid(name: string, value: unknown, wanted: string): ChatwardenError {
  return new ChatwardenError('INVALID_ARGUMENT', `${name} must be ${wanted}, not ${String(value)}.`)
}
