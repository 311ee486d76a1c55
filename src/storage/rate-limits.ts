import { type Clock, HOUR } from '../kernel/clock.ts'
import type { Reader, WriteTransaction } from './contract.ts'

/** What a column can hold; a limit above is none that anybody reaches. */
const MOST = 2 ** 31 - 1
/** More keys at once than this are not remembered. */
const REMEMBERED = 1000

interface Row {
  readonly points: number | bigint
  readonly expire: number | bigint
}

interface Counted {
  readonly passed: boolean
  readonly consumed: number
  readonly msBeforeNext: number
}

/** Counts for all processes on one database what each key may do in windows of time. */
export class RateLimits {
  readonly #db: Pick<Reader, '$queryRaw'>
  readonly #clock: Clock
  /** Windows that were found full. They stay so until they end: a flood costs the database no more than what passes. */
  readonly #full = new Map<string, { readonly points: number; readonly expire: number }>()

  /** `db` may write, on a connection that waits for no transaction. */
  constructor(db: Pick<Reader, '$queryRaw'>, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Counts one that passes, in one statement, so that of several processes none lets one too many through. What does
   * not pass changes nothing.
   */
  async take(key: string, window: number, limit: number): Promise<Counted> {
    const now = this.#clock.now()
    const known = this.#full.get(key)
    const isFull =
      known !== undefined && known.points >= limit && known.expire > now && known.expire <= now + 2 * window
    if (isFull) return counted(false, known, now)
    this.#full.delete(key)
    const row = await this.#count(key, window, limit, now)
    if (row !== undefined) return counted(true, row, now)
    const [full = { points: limit, expire: now }] = await this.#db.$queryRaw<Row[]>`
      SELECT points, expire FROM rate_limits WHERE key = ${key}`
    this.#remember(key, full)
    return counted(false, full, now)
  }

  /** @returns the row where one more passed. */
  async #count(key: string, window: number, limit: number, now: number): Promise<Row | undefined> {
    const [moment, end, most] = [BigInt(now), BigInt(now + window), BigInt(Math.min(limit, MOST))]
    // A window that ends later than any can was begun by a clock that was wrong: it must lock nobody out.
    const latest = BigInt(now + 2 * window)
    const rows = await this.#db.$queryRaw<Row[]>`
      INSERT INTO rate_limits (key, points, expire) VALUES (${key}, 1, ${end})
      ON CONFLICT (key) DO UPDATE SET
        points = CASE WHEN rate_limits.expire > ${moment} AND rate_limits.expire <= ${latest}
          THEN rate_limits.points + 1 ELSE 1 END,
        expire = CASE WHEN rate_limits.expire > ${moment} AND rate_limits.expire <= ${latest}
          THEN rate_limits.expire ELSE excluded.expire END
      WHERE rate_limits.expire <= ${moment} OR rate_limits.expire > ${latest} OR rate_limits.points < ${most}
      RETURNING points, expire`
    return rows[0]
  }

  #remember(key: string, { points, expire }: Row): void {
    this.#full.set(key, { points: Number(points), expire: Number(expire) })
    if (this.#full.size > REMEMBERED) this.#full.delete(this.#full.keys().next().value ?? '')
  }
}

const counted = (passed: boolean, { points, expire }: Row, now: number): Counted => ({
  passed,
  consumed: Number(points),
  msBeforeNext: Math.max(Number(expire) - now, 0),
})

/** Windows that have ended for every process, also for one whose clock is late. */
export async function forgetRateLimits(tx: WriteTransaction, now: number): Promise<void> {
  await tx.rateLimit.deleteMany({ where: { expire: { lt: now - HOUR } } })
}
