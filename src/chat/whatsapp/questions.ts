import { type Clock, MINUTE, runningTime } from '../../kernel/clock.ts'

interface Limits {
  /** In a minute, whoever is the cause of them. */
  readonly inAll: number
  /** In a minute, by the word of one person. */
  readonly each?: number
}

/** How many questions of one kind WhatsApp is asked a minute: many are said to raise the risk of a ban. */
export class Questions {
  readonly #limits: Limits
  readonly #clock: Clock
  #asked: { readonly at: number; readonly by: string | undefined }[] = []

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts one more, if it may be asked. `by`: by whose word. */
  take(by?: string): boolean {
    const now = runningTime(this.#clock)
    const { inAll, each = inAll } = this.#limits
    this.#asked = this.#asked.filter(({ at }) => now - at < MINUTE)
    const own = by === undefined ? [] : this.#asked.filter((question) => question.by === by)
    if (this.#asked.length >= inAll || own.length >= each) return false
    this.#asked.push({ at: now, by })
    return true
  }
}
