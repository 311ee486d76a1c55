import type { DateTime } from 'luxon'
import { type Account, isAccount } from '../../kernel/account.ts'
import { boundsOfDay, momentsAt } from '../../kernel/calendar.ts'
import { DAY, HOUR, MINUTE } from '../../kernel/clock.ts'
import type { AuditFilter, Who } from '../entry/audit-filter.ts'
import type { FilterWords } from './filter-grammar.ts'

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY }

export interface Now {
  /** In milliseconds. */
  readonly now: number
  /** In which days begin (IANA name). */
  readonly timeZone: string
}

/** Finds a person by one of their accounts. */
export type Whose = (account: Account) => Promise<Who>

/**
 * What the words mean at this moment. `since` a day is from its beginning, `until` a day to its end; of a time that comes
 * twice where clocks are set back, since the first and until the last.
 * @returns `undefined` if that is a stretch of time that ends before it begins, or a day or a time that there is not.
 */
export async function toFilter(words: FilterWords, now: Now, whose: Whose): Promise<AuditFilter | undefined> {
  const { days, since, until, actor, target, category, action, channel, request, source, text } = words
  const startDate =
    days !== undefined ? new Date(now.now - days * DAY) : since && (await momentOf(since, now, 'beginning'))
  const endDate = until && (await momentOf(until, now, 'end'))
  if (startDate === null || endDate === null) return undefined
  if (startDate && endDate && startDate > endDate) return undefined
  const filter = {
    category,
    action,
    ...(actor !== undefined && (isAccount(actor) ? { by: await whose(actor) } : { account: actor })),
    ...(target !== undefined && (isAccount(target) ? { about: await whose(target) } : { targetPhoneNumber: target })),
    channelId: channel,
    requestId: request,
    source,
    text,
    startDate: startDate || undefined,
    endDate: endDate || undefined,
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

/** What says how far its clocks are from UTC is one moment, whatever clocks do. */
const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/i

/** @returns `null` for what looks like a day or a time and is none. */
async function momentOf(typed: string, now: Now, edge: 'beginning' | 'end'): Promise<Date | null> {
  const [, count, unit = ''] = /^(\d+)([mhdw])$/i.exec(typed) ?? []
  if (count !== undefined) return new Date(now.now - Number(count) * (UNITS[unit.toLowerCase()] ?? 0))
  const local = await localTime(typed, now)
  if (local === null) return null
  if (OFFSET.test(typed)) return local.toJSDate()
  const isDay = !typed.includes(':')
  const [first, last] = isDay ? boundsOfDay(local) : momentsAt(local)
  if (edge === 'beginning') return first
  return isDay ? new Date(last.getTime() - 1) : last
}

async function localTime(typed: string, { now, timeZone: zone }: Now): Promise<DateTime | null> {
  // What knows of calendars takes a while to load.
  const { DateTime } = await import('luxon')
  const daysAgo = ['today', 'yesterday'].indexOf(typed.toLowerCase())
  if (daysAgo >= 0) return DateTime.fromMillis(now, { zone }).minus({ days: daysAgo })
  const local = DateTime.fromISO(typed, { zone })
  // Where clocks are set forward, nothing shows the time that they skip.
  const isShown = local.toISO()?.startsWith(typed.slice(0, 'YYYY-MM-DDTHH:mm'.length).toUpperCase())
  return local.isValid && (isShown || OFFSET.test(typed)) ? local : null
}
