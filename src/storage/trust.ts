import type { ChatwardenError } from '../kernel/errors.ts'

/** Whether what is in a database is what was acknowledged, as whoever knows its trail says. */
export class Trust {
  #fault: ChatwardenError | undefined

  set(fault: ChatwardenError | undefined): void {
    this.#fault = fault
  }

  /** @throws what was said against it. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault
  }
}
