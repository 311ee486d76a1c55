import { type Clock, HOUR } from '../kernel/clock.ts'
import type { Reader, WriteTransaction } from './database.ts'

/** What a column can hold; a limit above is none that anybody reaches. */
const MOST = 2 ** 31 - 1

interface Row {
  readonly points: number | bigint
  readonly expire: number | bigint
}

/** Counts for all processes on one database what each key may do in windows of time. */
export class RateLimits {
  readonly #db: Pick<Reader, '$queryRaw'>
  readonly #clock: Clock

  /** `db` may write, on a connection that waits for no transaction. */
  constructor(db: Pick<Reader, '$queryRaw'>, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Counts one that passes, in one statement, so that of several processes none lets one too many through. What does
   * not pass changes nothing.
   */
  async take(
    key: string,
    window: number,
    limit: number,
  ): Promise<{ readonly passed: boolean; readonly consumed: number; readonly msBeforeNext: number }> {
    const now = this.#clock.now()
    const [moment, end, most] = [BigInt(now), BigInt(now + window), BigInt(Math.min(limit, MOST))]
    // A window that ends later than any can was begun by a clock that was wrong: it must lock nobody out.
    const latest = BigInt(now + 2 * window)
    const [row] = await this.#db.$queryRaw<Row[]>`
      INSERT INTO rate_limits (key, points, expire) VALUES (${key}, 1, ${end})
      ON CONFLICT (key) DO UPDATE SET
        points = CASE WHEN rate_limits.expire > ${moment} AND rate_limits.expire <= ${latest}
          THEN rate_limits.points + 1 ELSE 1 END,
        expire = CASE WHEN rate_limits.expire > ${moment} AND rate_limits.expire <= ${latest}
          THEN rate_limits.expire ELSE excluded.expire END
      WHERE rate_limits.expire <= ${moment} OR rate_limits.expire > ${latest} OR rate_limits.points < ${most}
      RETURNING points, expire`
    if (row !== undefined) return counted(true, row, now)
    const [full] = await this.#db.$queryRaw<Row[]>`SELECT points, expire FROM rate_limits WHERE key = ${key}`
    return counted(false, full ?? { points: limit, expire: now }, now)
  }
}

const counted = (passed: boolean, { points, expire }: Row, now: number) => ({
  passed,
  consumed: Number(points),
  msBeforeNext: Math.max(Number(expire) - now, 0),
})

/** Windows that have ended for every process, also for one whose clock is late. */
export async function forgetRateLimits(tx: WriteTransaction, now: number): Promise<void> {
  await tx.rateLimit.deleteMany({ where: { expire: { lt: now - HOUR } } })
}
