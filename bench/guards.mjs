// @ts-check
import { compiled, interleave, median, progress, time } from './measure.mjs'

const KEYS = Array.from({ length: 1000 }, (_, n) => `+1555${String(n).padStart(7, '0')}`)
const MINUTE = 60_000
/** Each takes one message of every key. */
const BATCHES = 100

/** @typedef {{ take(key: string): Promise<{ allowed: boolean }> }} Limiter */

/**
 * What the rate limiter costs a message, in microseconds, beside a counter in a plain `Map`: as a function that is
 * called, and behind a promise, without which nobody can wait for an answer.
 * @returns {Promise<import('./measure.mjs').Figure[]>}
 */
export async function measureGuards() {
  /** @type {typeof import('../dist/guards/rate-limiter.js')} */
  const { createRateLimiter } = await import(compiled('guards/rate-limiter.js').href)
  progress('Limiting the rate')
  const passing = createRateLimiter({ user: () => 1_000_000, global: () => 0 })
  const both = createRateLimiter({ user: () => 1_000_000, global: () => 1_000_000_000 })
  const refusing = createRateLimiter({ user: () => 1, global: () => 0 })
  const counter = mapCounter(1_000_000)
  const promising = { take: async (/** @type {string} */ key) => ({ allowed: counter(key) }) }
  const spent = await interleave(BATCHES, {
    passing: () => perMessage(passing),
    both: () => perMessage(both),
    refusing: () => perMessage(refusing, false),
    promising: () => perMessage(promising),
    counter: async () => inMicroseconds(await time(() => KEYS.forEach(counter))),
  })
  const { promising: promised, counter: plain, ...ours } = spent
  const unit = 'µs'
  const beside = [
    { against: 'a Map', limit: median(plain) },
    { against: 'a Map, awaited', limit: median(promised) },
  ]
  return [
    ...beside.map((other) => ({
      name: 'rate limit, a message that passes',
      value: median(ours.passing),
      unit,
      ...other,
    })),
    { name: '  with a global limit too', value: median(ours.both), unit, ...beside[1] },
    { name: '  a message that is refused', value: median(ours.refusing), unit, ...beside[1] },
  ]
}

/** @param {Limiter} limiter @param {boolean} [expected] of each key's message but the very first */
async function perMessage(limiter, expected = true) {
  let others = 0
  const spent = await time(async () => {
    for (const key of KEYS) if ((await limiter.take(key)).allowed !== expected) others += 1
  })
  if (others !== 0 && others !== KEYS.length) throw new Error(`${others} messages ended otherwise than they should.`)
  return inMicroseconds(spent)
}

/** @param {number} milliseconds of a batch */
const inMicroseconds = (milliseconds) => (milliseconds * 1000) / KEYS.length

/** Windows that begin with a key's first message, and nothing else. @param {number} limit */
function mapCounter(limit) {
  /** @type {Map<string, { end: number, count: number }>} */
  const windows = new Map()
  return (/** @type {string} */ key) => {
    const now = Date.now()
    const window = windows.get(key)
    if (window !== undefined && now < window.end) return ++window.count <= limit
    windows.set(key, { end: now + MINUTE, count: 1 })
    return true
  }
}
