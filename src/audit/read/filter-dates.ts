import { type Account, isAccount } from '../../kernel/account.ts'
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
 * What the words mean at this moment. `since` a day is from its beginning, `until` a day to its end.
 * @returns `undefined` if that is a stretch of time that ends before it begins, or a day that no calendar has.
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

/** @returns `null` for what looks like a day and is none. */
async function momentOf(typed: string, { now, timeZone }: Now, edge: 'beginning' | 'end'): Promise<Date | null> {
  const [, count, unit = ''] = /^(\d+)([mhdw])$/i.exec(typed) ?? []
  if (count !== undefined) return new Date(now - Number(count) * (UNITS[unit.toLowerCase()] ?? 0))
  // What knows of calendars takes a while to load.
  const { DateTime } = await import('luxon')
  const today = DateTime.fromMillis(now, { zone: timeZone })
  const name = typed.toLowerCase()
  const day = name === 'today' ? today : name === 'yesterday' ? today.minus({ days: 1 }) : undefined
  const moment = day ?? DateTime.fromISO(typed, { zone: timeZone })
  if (!moment.isValid) return null
  if (day === undefined && typed.length > 'YYYY-MM-DD'.length) return moment.toJSDate()
  return (edge === 'beginning' ? moment.startOf('day') : moment.endOf('day')).toJSDate()
}
