/** What became of one message. */
export interface Counted {
  readonly passed: boolean
  /** Messages that the window let through, this one included if it passed. */
  readonly consumed: number
  /** Milliseconds until the window ends. */
  readonly msBeforeNext: number
}

/** Counts what each key may do in windows of time. */
export interface Counter {
  /**
   * Looks and counts in one step, also where others do so at the same time. What does not pass uses nothing up; a
   * window begins with the first that passes, and lasts for `window` milliseconds.
   */
  take(key: string, window: number, limit: number): Promise<Counted>
}
