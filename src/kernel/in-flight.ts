/** What is being done, for whoever has to wait for its end. */
export class InFlight {
  readonly #running = new Set<Promise<unknown>>()

  track<T>(work: () => Promise<T>): Promise<T> {
    const run = work().finally(() => this.#running.delete(run))
    this.#running.add(run)
    return run
  }

  /** Resolves when nothing is being done any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
