import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { Prisma } from '../../storage/prisma.ts'
import type { AuditFilter } from '../entry/audit-filter.ts'
import { alternativesOf, isUnindexed, type VisibleFilter, windowsOf } from './entry-pages.repository.ts'
import type { Ask, SeqRange } from './seq-range.repository.ts'

/** How many entries match. Counting stops at `limit`. */
export async function countEntries(
  filter: VisibleFilter,
  range: SeqRange,
  ask: Ask,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  if (isOfPeople(filter)) return countOfPeople(filter, range, ask, limit)
  let count = 0
  for (const window of windowsOf(filter, range, 'newest')) {
    for (const where of alternativesOf(ask.dialect, filter, window)) {
      count += await countRows(Prisma.sql`SELECT 1 FROM audit_logs WHERE ${where} LIMIT ${BigInt(limit - count)}`, ask)
      if (count >= limit) return limit
    }
    if (isUnindexed(filter)) await yieldToOthers()
  }
  return count
}

const isOfPeople = ({ by, about }: AuditFilter): boolean => by !== undefined || about !== undefined

/** An entry may lie on several ways to a person, and counts once. */
async function countOfPeople(filter: VisibleFilter, range: SeqRange, ask: Ask, limit: number): Promise<number> {
  let count = 0
  for (const window of windowsOf(filter, range, 'newest')) {
    const walks = alternativesOf(ask.dialect, filter, window).map(
      (where) => Prisma.sql`SELECT seq FROM audit_logs WHERE ${where} LIMIT ${BigInt(limit - count)}`,
    )
    count += await countWalks(walks, ask, limit - count)
    if (count >= limit) return limit
    if (isUnindexed(filter)) await yieldToOthers()
  }
  return count
}

/** With a limit the first ways are often enough. */
async function countWalks(walks: readonly Prisma.Sql[], ask: Ask, limit: number): Promise<number> {
  const apart = walks.length === 1 || limit < Number.MAX_SAFE_INTEGER ? walks : []
  for (const walk of apart) {
    const count = await countRows(walk, ask)
    if (walks.length === 1) return count
    if (count >= limit) return limit
  }
  const all = walks.map((walk, i) => Prisma.sql`SELECT seq FROM (${walk}) AS ${Prisma.raw(`walk${i}`)}`)
  return Math.min(limit, await countRows(Prisma.join(all, ' UNION '), ask))
}

async function countRows(rows: Prisma.Sql, ask: Ask): Promise<number> {
  const [row] = await ask.rows<{ n: number | bigint }>(Prisma.sql`SELECT count(*) AS n FROM (${rows}) AS found`)
  return Number(row?.n)
}
