import { createRequire } from 'node:module'
import type { CircuitBreakerPolicy } from 'cockatiel'
import { Outage } from './outage.ts'
import { report } from './report.ts'
import { LONGEST_TIME, wholeNumber } from './whole-number.ts'

export interface CircuitChange {
  readonly service: string
  readonly state: 'OPEN' | 'CLOSED'
  /** `OPEN`: how many calls in a row had failed. `CLOSED`: how many failed in the whole outage, trials included. */
  readonly failureCount: number
}

export interface CircuitBreakerOptions {
  /** What the calls are made to, for people who read the reports. */
  readonly service: string
  /** Failures in a row that open the circuit, from 1; 5 where it is left out. */
  readonly failures?: number
  /** Milliseconds until an open circuit lets one call through as a trial; 30,000 where it is left out. */
  readonly resetAfter?: number
  /** Whether an error says that the service is down; every error where it is left out. Another one counts as success. */
  readonly isFailure?: (error: unknown) => boolean
  /** Called once when an outage begins and once when it ends. What it throws is dropped. */
  readonly onChange?: (change: CircuitChange) => void
}

export interface CircuitBreaker {
  /** `HALF_OPEN` while a trial is under way; a circuit that could have one is `OPEN` until the next call. */
  readonly state: 'CLOSED' | 'OPEN' | 'HALF_OPEN'
  /**
   * Calls `work`, which should have a time limit of its own: a trial that never ends keeps the circuit half open.
   * @throws {CircuitOpenError} without calling it, while the circuit is open or another call is the trial.
   */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** A call was not made, as the service has failed too often. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError'
  readonly service: string

  constructor(service: string) {
    super(`The circuit breaker for ${service} is open.`)
    this.service = service
  }
}

/**
 * Spares a service that fails, and those who would wait for it.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` if a number cannot be used.
 */
export const createCircuitBreaker = (options: CircuitBreakerOptions): CircuitBreaker => new Breaker(options)

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

// Loaded on demand: it takes longer to load than a command runs.
const cockatiel = (): typeof import('cockatiel') => createRequire(import.meta.url)('cockatiel')

/** By cockatiel's numbers for them; the last is for a circuit isolated by hand, which never happens here. */
const STATES = ['CLOSED', 'OPEN', 'HALF_OPEN', 'OPEN'] as const

class Breaker implements CircuitBreaker {
  readonly #service: string
  readonly #isFailure: (error: unknown) => boolean
  readonly #resetAfter: number
  #openedAt = 0
  readonly #policy: CircuitBreakerPolicy

  constructor({ service, failures = 5, resetAfter = 30_000, isFailure = () => true, onChange }: CircuitBreakerOptions) {
    wholeNumber('The failures that open a circuit', failures, 1, Number.MAX_SAFE_INTEGER)
    wholeNumber('The time until a circuit is tried again, in milliseconds,', resetAfter, 1, LONGEST_TIME)
    const { circuitBreaker, handleAll } = cockatiel()
    const breaker = new Outage(failures, (state, failureCount) => report(onChange, { service, state, failureCount }))
    this.#service = service
    this.#isFailure = isFailure
    this.#resetAfter = resetAfter
    // The policy goes by the clock, which may be set: it never finds it too early, and the time is kept here.
    this.#policy = circuitBreaker(handleAll, { halfOpenAfter: Number.NEGATIVE_INFINITY, breaker })
    this.#policy.onBreak(() => {
      this.#openedAt = performance.now()
      breaker.begin()
    })
    this.#policy.onReset(() => breaker.end())
  }

  get state(): CircuitBreaker['state'] {
    return STATES[this.#policy.state]
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    // The policy would let others wait for the trial, however long it takes.
    const isTooEarly = this.state === 'OPEN' && performance.now() - this.#openedAt < this.#resetAfter
    if (isTooEarly || this.state === 'HALF_OPEN') throw new CircuitOpenError(this.#service)
    let isCalled = false
    const attempt = () => {
      isCalled = true
      return this.#attempt(work)
    }
    const outcome = await this.#policy.execute(attempt).catch((error: unknown) => {
      throw isCalled ? error : new CircuitOpenError(this.#service)
    })
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** An error that is no failure is an outcome like any other, so that the policy takes it for a success. */
  async #attempt<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return { value: await work() }
    } catch (error) {
      if (this.#isFailure(error)) throw error
      return { error }
    }
  }
}
