/** Work in lanes: one task at a time and in order within a lane, lanes beside each other. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, number>()

  /** The outcome of the task, once all before it in its lane have ended, however they ended. */
  run<T>(lane: string, task: () => Promise<T>): Promise<T> {
    const outcome = (this.#tails.get(lane) ?? Promise.resolve()).then(task)
    this.#waiting.set(lane, this.waiting(lane) + 1)
    const done = () => {
      this.#waiting.set(lane, this.waiting(lane) - 1)
      if (this.#tails.get(lane) !== tail) return
      this.#tails.delete(lane)
      this.#waiting.delete(lane)
    }
    const tail = outcome.then(done, done)
    this.#tails.set(lane, tail)
    return outcome
  }

  /** How many tasks of a lane have not ended. */
  waiting(lane: string): number {
    return this.#waiting.get(lane) ?? 0
  }

  /** Resolves when no lane has anything left to do. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) {
      await Promise.all(this.#tails.values())
      // Whoever waited for a task may have another one.
      await new Promise(setImmediate)
    }
  }
}
