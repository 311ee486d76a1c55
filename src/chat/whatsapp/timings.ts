import { DEADLINE } from './link.ts'

/** How patient the connection is, in milliseconds. Tests are less so. */
export interface Timings {
  /** The longest without any progress between launching the browser and `ready`, besides the wait for a pairing. */
  readonly start: number
  /** Between two probes. */
  readonly probeEvery: number
  readonly probeDeadline: number
  /** How many probes in a row must fail before the browser is given up. */
  readonly probeFailures: number
  /** How long the page may be without its own connection to WhatsApp: it reconnects by itself, mostly. */
  readonly offline: number
  /** How long an own message may take to be announced by its event. */
  readonly proof: number
  /** How long a browser may take to close before it is killed. */
  readonly close: number
  /** The first and the longest pause before a new attempt. */
  readonly retry: { readonly first: number; readonly longest: number }
  /** A connection that lasted so long was a good one: the pauses begin anew. */
  readonly stable: number
  /** How often the holder of the session directory shows that it lives, and how long a silent one is watched. */
  readonly lock: { readonly beat: number; readonly watch: number }
}

export const TIMINGS: Timings = {
  start: 120_000,
  probeEvery: 30_000,
  probeDeadline: DEADLINE.probe,
  probeFailures: 3,
  offline: 300_000,
  proof: 20_000,
  close: 10_000,
  retry: { first: 1000, longest: 300_000 },
  stable: 60_000,
  lock: { beat: 5000, watch: 15_000 },
}
