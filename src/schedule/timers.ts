import { DAY } from '../kernel/clock.ts'
import type { Calendar, Due } from './calendar.ts'

/** How long it may go unnoticed that the clock was set, that the machine has slept, or that something came due while no process ran. */
const LOOK_EVERY = 5000

/** Says when a job is due. None keeps a process alive. */
export interface JobTimer {
  start(): void
  stop(): void
  /** What was due up to now counts as begun. */
  pass(): void
}

/** By elapsed time, whatever is done to the clock. What was late is not made up for. */
export class IntervalTimer implements JobTimer {
  readonly #every: number
  readonly #onDue: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(every: number, onDue: () => void) {
    this.#every = every
    this.#onDue = onDue
  }

  /** What came due before is not left for long. */
  start(): void {
    this.#wait(Math.min(this.#every, LOOK_EVERY))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  pass(): void {}

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#wait(this.#every)
      this.#onDue()
    }, milliseconds).unref()
  }
}

/** How long, by a time that nobody can set, it is remembered what was begun: a clock that is put back comes to the same times again. */
const REMEMBERED = 8 * DAY
/** What was begun sooner than this before its time, by a clock that was ahead, is done in its time as well. */
const TOO_EARLY = DAY / 2

/**
 * By the calendar: looks every few seconds for the last time that was due by the clock, as that may be set, and this process held
 * up, at any moment. However many have passed, one run makes up for them; none is begun twice.
 */
export class CalendarTimer implements JobTimer {
  readonly #calendar: Calendar
  readonly #now: () => number
  readonly #begin: (due: number) => boolean
  /** When each was begun, by `performance.now()`. */
  readonly #begun = new Map<number, number>()
  #due: Due = { last: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY }
  #timer: NodeJS.Timeout | undefined

  /**
   * @param now tells the time, by a clock that may be set.
   * @param begin returns whether it has begun what was due then; otherwise it is asked again.
   */
  constructor(calendar: Calendar, now: () => number, begin: (due: number) => boolean) {
    this.#calendar = calendar
    this.#now = now
    this.#begin = begin
  }

  start(): void {
    const now = this.#now()
    const wait = Math.min(this.#dueAt(now).until - now, LOOK_EVERY)
    this.#timer = setTimeout(() => this.#look(), Math.max(1, wait)).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  pass(): void {
    this.#remember(this.#dueAt(this.#now()).last)
  }

  #look(): void {
    this.start()
    const now = this.#now()
    for (const due of this.#begun.keys()) if (due - now > TOO_EARLY) this.#begun.delete(due)
    const { last } = this.#dueAt(now)
    const isNew = last !== Number.NEGATIVE_INFINITY && !this.#begun.has(last)
    if (isNew && this.#begin(last)) this.#remember(last)
  }

  #dueAt(now: number): Due {
    if (now < this.#due.last || now >= this.#due.until) this.#due = this.#calendar.dueAt(now)
    return this.#due
  }

  #remember(due: number): void {
    const now = performance.now()
    // Every few minutes is meant to go on where the clock is set back.
    const isForgotten = (at: number) => this.#calendar.isAroundTheClock || now - at > REMEMBERED
    for (const [time, at] of this.#begun) if (isForgotten(at)) this.#begun.delete(time)
    this.#begun.set(due, now)
  }
}
