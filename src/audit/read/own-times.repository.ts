import { DAY } from '../../kernel/clock.ts'
import { objectIn } from '../../kernel/json.ts'
import type { Dialect } from '../../storage/dialect.ts'
import { Prisma } from '../../storage/prisma.ts'
import { TOLD_FOR } from '../write/clock-doubt.repository.ts'

/** A stretch of the times of entries, in which some stood still since the clock had been set back: their own are in the metadata. */
export interface Still {
  readonly since: Date
  readonly until: Date
}

/** Between which moments entries were written by what the clock said. */
export interface OwnTimes {
  readonly stills: readonly Still[]
  readonly since: Date | undefined
  readonly until: Date | undefined
}

/** More than so many become one: a statement has no room for any number. */
const MOST = 100

/** Where times stood still, in their order, from a moment on: an entry is never earlier than its own time. Hardly ever anywhere. */
export async function stillTimes(
  rows: <Row>(question: Prisma.Sql) => Promise<Row[]>,
  from = new Date(0),
): Promise<Still[]> {
  const entries = await rows<{ metadata: string }>(
    Prisma.sql`SELECT metadata FROM audit_logs WHERE action = 'CLOCK_JUMP' ORDER BY seq`,
  )
  const stills: { since: Date; until: Date }[] = []
  for (const { metadata } of entries) {
    const since = new Date(String(objectIn(metadata)?.at))
    if (Number.isNaN(since.getTime())) continue
    const until = new Date(since.getTime() + TOLD_FOR)
    if (until < from) continue
    const before = stills.at(-1)
    if (before === undefined || since.getTime() > before.until.getTime() + DAY) stills.push({ since, until })
    else if (until > before.until) before.until = until
  }
  const [first, last] = [stills[0], stills.at(-1)]
  return stills.length > MOST && first && last ? [{ since: first.since, until: last.until }] : stills
}

const isStill = (stills: readonly Still[]): Prisma.Sql =>
  Prisma.join(
    stills.map(({ since, until }) => Prisma.sql`created_at BETWEEN ${since} AND ${until}`),
    ' OR ',
  )

/** What the clock said when an entry was written, ISO 8601; NULL where that is its time. */
export const saidTime = (dialect: Dialect, stills: readonly Still[]): Prisma.Sql =>
  Prisma.sql`CASE WHEN ${isStill(stills)} THEN ${dialect.clockTime(Prisma.sql`metadata`)} END`

/** Whether an entry is of these moments. */
export function isOfOwnTime(dialect: Dialect, { stills, since, until }: OwnTimes): Prisma.Sql {
  const said = saidTime(dialect, stills)
  const between = (time: Prisma.Sql, toValue: (moment: Date) => Date | string): Prisma.Sql =>
    Prisma.join(
      [
        ...(since === undefined ? [] : [Prisma.sql`${time} >= ${toValue(since)}`]),
        ...(until === undefined ? [] : [Prisma.sql`${time} <= ${toValue(until)}`]),
      ],
      ' AND ',
    )
  return Prisma.sql`CASE WHEN (${said}) IS NULL THEN ${between(Prisma.sql`created_at`, (moment) => moment)}
    ELSE ${between(Prisma.sql`(${said})`, (moment) => moment.toISOString())} END`
}
