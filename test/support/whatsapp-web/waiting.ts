interface Waiter {
  readonly met: () => boolean
  readonly resolve: () => void
}

/** Promises that resolve when a condition comes true. Whoever changes something calls `changed()`. */
export class Waiting {
  readonly #waiters = new Set<Waiter>()

  changed(): void {
    for (const waiter of this.#waiters) {
      if (waiter.met()) waiter.resolve()
    }
  }

  /** Rejects after `timeoutMs`, saying that it waited for `what`. */
  async until(what: string, met: () => boolean, timeoutMs = 30_000): Promise<void> {
    if (met()) return
    await new Promise<void>((resolve, reject) => {
      const late = () => {
        this.#waiters.delete(waiter)
        reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}`))
      }
      const timer = setTimeout(late, timeoutMs)
      const waiter: Waiter = {
        met,
        resolve: () => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      this.#waiters.add(waiter)
    })
  }
}
