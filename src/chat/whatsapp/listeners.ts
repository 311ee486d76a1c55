import type { Logger } from '../../kernel/log.ts'

type Listener<Args extends readonly unknown[]> = (...args: Args) => void

/**
 * Who wants to hear of something. A listener that throws keeps nobody else from hearing, and is logged: the library
 * would swallow the error.
 */
export class Listeners<Args extends readonly unknown[]> {
  readonly #what: string
  readonly #log: Logger
  readonly #listeners: Listener<Args>[] = []

  constructor(what: string, log: Logger) {
    this.#what = what
    this.#log = log
  }

  add(listener: Listener<Args>): void {
    this.#listeners.push(listener)
  }

  readonly emit = (...args: Args): void => {
    for (const listener of this.#listeners) void this.#call(listener, args)
  }

  async #call(listener: Listener<Args>, args: Args): Promise<void> {
    try {
      // The type says void, but an async function fits it too, and its rejection would end the process.
      await listener(...args)
    } catch (err) {
      this.#log.error({ err }, `WhatsApp: the handling of ${this.#what} failed`)
    }
  }
}
