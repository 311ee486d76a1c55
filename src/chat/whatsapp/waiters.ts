/** Those who wait until something has changed. */
export class Waiters {
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next `wake()`, or as soon as the signal says that it is in vain. */
  async next(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
