/** Barks once when it was not fed for `ms` milliseconds. At rest it needs nothing. */
export class Watchdog {
  readonly #ms: number
  readonly #bark: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number, bark: () => void) {
    this.#ms = ms
    this.#bark = bark
  }

  feed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#bark, this.#ms)
  }

  /** Feeds it if it is awake. */
  treat(): void {
    if (this.#timer !== undefined) this.feed()
  }

  rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
