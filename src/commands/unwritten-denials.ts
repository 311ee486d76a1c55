import { DENIAL_WINDOW, DENIALS_ANSWERED } from './denial-window.repository.ts'

/** More senders at once than this are none that anybody waits for. */
const MOST = 1000

/** Counts in memory which denials are answered while the database takes none: the limit must hold then too. */
export class UnwrittenDenials {
  readonly #answered = new Map<string, number[]>()

  allows(sender: string, now: number): boolean {
    const recent = (this.#answered.get(sender) ?? []).filter((at) => now - at < DENIAL_WINDOW)
    if (recent.length >= DENIALS_ANSWERED) return false
    this.#answered.delete(sender)
    this.#answered.set(sender, [...recent, now])
    if (this.#answered.size > MOST) this.#answered.delete(this.#answered.keys().next().value ?? '')
    return true
  }
}
