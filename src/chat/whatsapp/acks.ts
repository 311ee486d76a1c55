import { Recent } from '../../kernel/recent.ts'

const REMEMBERED = 5000

/** What was sent and is not yet acknowledged by the platform's server. */
export class Acks<T> {
  readonly #onAcknowledged: (sent: T) => void
  readonly #waiting = new Map<string, T>()
  readonly #early = new Recent(REMEMBERED)
  readonly #refused = new Recent(REMEMBERED)
  readonly #onEmpty = new Set<() => void>()

  constructor(onAcknowledged: (sent: T) => void) {
    this.#onAcknowledged = onAcknowledged
  }

  get size(): number {
    return this.#waiting.size
  }

  get waiting(): readonly (readonly [id: string, sent: T])[] {
    return [...this.#waiting]
  }

  waitingFor(id: string): T | undefined {
    return this.#waiting.get(id)
  }

  /** The acknowledgement may have come already: the library tells of it before it tells that the message was sent. */
  expect(id: string, sent: T): void {
    if (this.#early.has(id)) {
      this.#onAcknowledged(sent)
      return
    }
    if (this.#refused.has(id)) return
    if (this.#waiting.size >= REMEMBERED) this.forget(this.waiting[0]?.[0] ?? '')
    this.#waiting.set(id, sent)
  }

  acknowledge(id: string): void {
    this.#early.add(id)
    const sent = this.forget(id)
    if (sent !== undefined) this.#onAcknowledged(sent)
  }

  /** The platform did not accept it. @returns whether that is news. */
  refuse(id: string): boolean {
    this.forget(id)
    return this.#refused.add(id)
  }

  /** Nothing is expected for it any more. */
  forget(id: string): T | undefined {
    const sent = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) for (const onEmpty of this.#onEmpty) onEmpty()
    return sent
  }

  /** Resolves when nothing waits any more, or after so many milliseconds. */
  async drained(ms: number): Promise<void> {
    if (this.size === 0) return
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#onEmpty.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#onEmpty.add(end)
    })
  }
}
