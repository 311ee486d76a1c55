/**
 * Lets work be done one at a time, in the order in which it was asked for. A pool of one connection would do that too,
 * but gives up on who waits as soon as on a server that does not answer.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #asked = 0

  /** How many wait for their turn. */
  get waiting(): number {
    return Math.max(this.#asked - 1, 0)
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    this.#asked++
    const turn = this.#last.then(work).finally(() => this.#asked--)
    this.#last = turn.catch(() => {})
    return turn
  }
}
