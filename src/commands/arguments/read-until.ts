import { createRequire } from 'node:module'
import type * as Luxon from 'luxon'

/** `18:00`, `tomorrow at 09:00`, `2026-12-01 09:00` or `2026-12-01T09:00`: a moment without its day is the next such one. */
const MOMENT = /^(?:(today|tomorrow|\d{4}-\d{2}-\d{2})(?:T| (?:at )?))?([01]?\d|2[0-3]):([0-5]\d)[,;]?$/i

/** What knows of calendars takes a while to load. */
const luxon = (): typeof Luxon => createRequire(import.meta.url)('luxon')

/** @returns how many of the words say a moment, and which, in milliseconds since 1970; `undefined` if they say none. */
export function readUntil(
  words: readonly string[],
  now: number,
  zone: string,
): { readonly words: number; readonly moment: number } | undefined {
  for (const count of [3, 2, 1]) {
    const [, day = '', hour, minute] = MOMENT.exec(words.slice(0, count).join(' ')) ?? []
    if (hour === undefined || words.length < count) continue
    const { DateTime } = luxon()
    const today = DateTime.fromMillis(now, { zone })
    const time = { hour: Number(hour), minute: Number(minute), second: 0, millisecond: 0 }
    const moment = (/^\d/.test(day) ? DateTime.fromISO(day, { zone }) : today.plus({ days: daysOf(day) })).set(time)
    const isPassed = day === '' && moment.toMillis() <= now
    const meant = isPassed ? moment.plus({ days: 1 }).set(time) : moment
    // Where clocks are set, a time is none or two moments.
    const isOne = [moment, meant].every((it) => it.isValid && it.getPossibleOffsets().length === 1)
    const isShown = meant.hour === time.hour && meant.minute === time.minute
    return isOne && isShown ? { words: count, moment: meant.toMillis() } : undefined
  }
  return undefined
}

const daysOf = (day: string): number => (day.toLowerCase() === 'tomorrow' ? 1 : 0)
