/** Work in lanes: one task at a time and in order within a lane, lanes beside each other. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>()

  /** The outcome of the task, once all before it in its lane have ended, however they ended. */
  run<T>(lane: string, task: () => Promise<T>): Promise<T> {
    const outcome = (this.#tails.get(lane) ?? Promise.resolve()).then(task)
    const done = () => {
      if (this.#tails.get(lane) === tail) this.#tails.delete(lane)
    }
    const tail = outcome.then(done, done)
    this.#tails.set(lane, tail)
    return outcome
  }

  /** Resolves when no lane has anything left to do. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}
