/** Runs a check every `ms` milliseconds, never two at once. */
export class Probe {
  readonly #ms: number
  readonly #check: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(ms: number, check: () => Promise<void>) {
    this.#ms = ms
    this.#check = check
  }

  start(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.now(), this.#ms)
  }

  /** Checks without waiting for the next turn; joins a check under way. */
  async now(): Promise<void> {
    clearTimeout(this.#timer)
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined
      this.start()
    })
    await this.#running
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
