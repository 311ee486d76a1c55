/**
 * Pauses between attempts: each about twice the one before, up to the longest. The jitter (half to the whole) keeps
 * several bots that lost the same network from coming back in step.
 */
export class Backoff {
  readonly #first: number
  readonly #longest: number
  readonly #random: () => number
  #attempts = 0

  constructor({ first, longest }: { readonly first: number; readonly longest: number }, random = Math.random) {
    this.#first = first
    this.#longest = longest
    this.#random = random
  }

  /** The pause before the next attempt, in milliseconds. */
  next(): number {
    const whole = Math.min(this.#longest, this.#first * 2 ** this.#attempts)
    // Beyond that the power only grows towards infinity.
    if (whole < this.#longest) this.#attempts++
    return Math.round(whole * (0.5 + this.#random() / 2))
  }

  reset(): void {
    this.#attempts = 0
  }
}
