/** A stretch of time: from its first moment on, up to the first after it. */
export interface Stretch {
  readonly start: Date
  readonly end: Date
}

export interface Count {
  readonly name: string
  readonly count: number
}
