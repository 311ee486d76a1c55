import { createRequire } from 'node:module'
import type * as Croner from 'croner'
import type * as Luxon from 'luxon'
import { DAY, MINUTE } from '../kernel/clock.ts'
import { cronFields, readCron } from '../kernel/crontab.ts'

const require = createRequire(import.meta.url)

/** Every hour, or every so many. */
const AROUND = /^(?:[*?]|0-23)(?:\/|$)/
/** Zones change their offset at a quarter of an hour, if they do. */
const QUARTER = 15 * MINUTE

/** Times are milliseconds since 1970, or minus infinity for none. */
export interface Due {
  /** The last one at or before the moment asked for. */
  readonly last: number
  /** Up to here that surely stays so. */
  readonly until: number
}

/**
 * When a cron expression is due in a time zone. A local time that is skipped counts at the first moment after the gap. One that
 * comes twice counts once, unless the hours of the expression are a wildcard or in steps: that is meant to come again and again.
 */
export class Calendar {
  /** Read in UTC: it says which times a clock on the wall has to show, and the zone when it shows them. */
  readonly #shownTimes: Croner.Cron
  readonly #zone: Luxon.Zone
  readonly isAroundTheClock: boolean

  constructor(cron: string, timeZone: string) {
    const { IANAZone } = require('luxon') as typeof Luxon
    this.#shownTimes = readCron(cron)
    this.#zone = IANAZone.create(timeZone)
    const hours = cronFields(cron).at(-4) ?? ''
    this.isAroundTheClock = hours.split(',').some((each) => AROUND.test(each))
  }

  dueAt(now: number): Due {
    const next = this.#shownTimes.nextRun(new Date(this.#shownAt(now)))?.getTime() ?? Number.POSITIVE_INFINITY
    const unchanged = Math.floor(now / QUARTER + 1) * QUARTER
    return { last: this.#last(now), until: Math.min(next - this.#offset(now), unchanged) }
  }

  #last(now: number): number {
    const first = this.#lastOfFirsts(now)
    if (!this.isAroundTheClock) return first
    const offset = this.#offset(now)
    const again = this.#matchUpTo(now + offset) - offset
    return again > first && this.#offset(again) === offset ? again : first
  }

  /** Of the moments at which a matching time was shown for the first time. */
  #lastOfFirsts(now: number): number {
    let shown = this.#mostShownBy(now)
    for (;;) {
      shown = this.#matchUpTo(shown)
      const moment = shown === Number.NEGATIVE_INFINITY ? shown : this.#whenFirstShown(shown)
      if (moment <= now) return moment
      shown--
    }
  }

  /** At least what the clock has shown up to now: for as long as it was put back by, that may be more than it shows. */
  #mostShownBy(now: number): number {
    const putBack = Math.max(0, this.#offset(now - DAY) - this.#offset(now))
    return now + Math.max(this.#offset(now), this.#offset(now - putBack))
  }

  #matchUpTo(shown: number): number {
    // Those before a moment.
    const [match] = this.#shownTimes.previousRuns(1, new Date(shown + 1))
    return match?.getTime() ?? Number.NEGATIVE_INFINITY
  }

  /** The first moment at which the clock shows that, or more. */
  #whenFirstShown(shown: number): number {
    const offsets = [this.#offset(shown - DAY), this.#offset(shown + DAY)]
    let before = shown - Math.max(...offsets)
    let at = shown - Math.min(...offsets)
    if (this.#shownAt(before) >= shown) return before
    while (at - before > 1) {
      const between = Math.floor((before + at) / 2)
      if (this.#shownAt(between) >= shown) at = between
      else before = between
    }
    return at
  }

  /** What a clock on the wall shows, as if that were UTC. */
  #shownAt(moment: number): number {
    return moment + this.#offset(moment)
  }

  #offset(moment: number): number {
    return this.#zone.offset(moment) * MINUTE
  }
}
