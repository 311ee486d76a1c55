import type { IBreaker } from 'cockatiel'

/**
 * Tells cockatiel when failures in a row make an outage, as its own `ConsecutiveBreaker` does, and goes on counting
 * until the outage is over. Calls that were under way when it began count, but neither begin it again nor end it.
 */
export class Outage implements IBreaker {
  /** Failures in a row, or in this outage. */
  state = 0
  readonly #threshold: number
  readonly #onChange: (state: 'OPEN' | 'CLOSED', failureCount: number) => void
  #isOn = false

  constructor(threshold: number, onChange: (state: 'OPEN' | 'CLOSED', failureCount: number) => void) {
    this.#threshold = threshold
    this.#onChange = onChange
  }

  success(): void {
    if (!this.#isOn) this.state = 0
  }

  failure(): boolean {
    this.state += 1
    return !this.#isOn && this.state >= this.#threshold
  }

  /** A trial that fails begins nothing new. */
  begin(): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#onChange('OPEN', this.state)
  }

  end(): void {
    const failureCount = this.state
    this.#isOn = false
    this.state = 0
    this.#onChange('CLOSED', failureCount)
  }
}
