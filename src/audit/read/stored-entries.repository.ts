import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import { type AuditFilter, type AuditQuery, checkQuery, type Who } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import { AuditCategory } from '../entry/event-type.ts'
import { heldNow } from '../remove/hold.repository.ts'
import { digestOfHeld } from '../remove/obeyed.ts'
import { keptForGood, type Old } from '../remove/standing.repository.ts'
import { BOUNDED_TEXTS, bounded } from '../write/bounded-columns.repository.ts'
import { countEntries } from './entry-counts.repository.ts'
import { alternativesOf, entryPages, skipEntries, type VisibleFilter } from './entry-pages.repository.ts'
import { saidTime, stillTimes } from './own-times.repository.ts'
import { type Ask, asking, lastOlderThan, rangeOf, type SeqRange } from './seq-range.repository.ts'
import type { Count, Stretch } from './stretch.ts'

const PAGE = 1000
/** Above this, an answer without a limit is refused rather than cut. */
const MAX_ARRAY = 200_000

/** An entry of the trail, by its names in TypeScript. */
export const ENTRY_COLUMNS: Prisma.Sql = Prisma.sql`seq, id, created_at AS "createdAt", ${bounded('account')} AS "phoneNumber",
  ${Prisma.join(BOUNDED_TEXTS.map((field) => Prisma.sql`${bounded(field)} AS ${Prisma.raw(`"${field}"`)}`))}`

const CATEGORIES = Prisma.join(
  Object.values(AuditCategory).map((category) => Prisma.sql`SELECT ${category} AS category`),
  ' UNION ALL ',
)

/** One statement about more would keep others waiting. */
const STRETCHES_AT_ONCE = 50
const ROWS_AT_ONCE = 10_000

export interface AuditStatistics {
  readonly total: number
  readonly byCategory: Readonly<Record<string, number>>
  readonly byAction: Readonly<Record<string, number>>
  readonly oldest: Date | null
  readonly newest: Date | null
}

/** Reads the trail, newest first. Times become `seq` ranges and pages keysets on `seq`, so each page costs the same. */
export class StoredEntries {
  readonly #reader: Reader
  readonly #ask: Ask
  readonly #hidden: readonly string[]

  /** `hidden`: actions of which whoever reads is to see nothing. */
  constructor(reader: Reader, hidden: readonly string[] = []) {
    this.#reader = reader
    this.#hidden = hidden
    this.#ask = asking(reader.dialect, (question) => reader.$queryRaw(question))
  }

  /** @throws {ChatwardenError} `INVALID_ARGUMENT`, or `RESULT_TOO_LARGE` without a limit where `iterate` should be used. */
  async query(query: AuditQuery = {}): Promise<AuditLog[]> {
    const range = await this.#skip(query, await this.#range(query))
    const entries: AuditLog[] = []
    for await (const page of this.#pages(query, range, query.limit)) {
      entries.push(...page)
      if (query.limit === undefined && entries.length > MAX_ARRAY) throw new ChatwardenError('RESULT_TOO_LARGE')
    }
    return entries
  }

  /** All entries that match, in pages, without holding them in memory; what is written meanwhile is not among them. */
  async *iterate(filter: AuditFilter = {}): AsyncGenerator<AuditLog> {
    for await (const page of this.#pages(filter, await this.#range(filter))) yield* page
  }

  /** How many entries match. With `limit`, counting stops there. */
  async count(filter: AuditFilter = {}, limit?: number): Promise<number> {
    return countEntries(this.#seen(filter), await this.#range(filter), this.#ask, limit)
  }

  /** Whether entries of this action are hidden. */
  hides(action: string): boolean {
    return this.#hidden.includes(action)
  }

  /** Entries that a person made, or of these actions about them, newest first: two keysets, brought together. */
  async involving(who: Who, action: readonly string[], limit: number, beforeSeq?: number): Promise<AuditLog[]> {
    const range = await this.#range({ beforeSeq })
    const [by, about] = await Promise.all([
      this.#all(this.#pages({ by: who }, range, limit)),
      this.#all(this.#pages({ about: who, action }, range, limit)),
    ])
    const entries = new Map([...by, ...about].map((entry) => [entry.seq, entry]))
    return [...entries.values()].sort((a, b) => b.seq - a.seq).slice(0, limit)
  }

  /** Entries from `seq` on in the order of the trail, for those who follow it. */
  async after(seq: number, limit = PAGE): Promise<AuditLog[]> {
    return this.#reader.$queryRaw<AuditLog[]>`
      SELECT ${ENTRY_COLUMNS} FROM audit_logs WHERE seq >= ${BigInt(seq)} ORDER BY seq LIMIT ${BigInt(limit)}`
  }

  async statistics(filter: AuditFilter = {}): Promise<AuditStatistics> {
    checkQuery(filter)
    const where = this.#where(filter, await this.#range(filter))
    const rows = await this.#reader.$queryRaw<{ category: string; action: string; n: bigint | number }[]>`
      SELECT category, action, count(*) AS n FROM audit_logs WHERE ${where} GROUP BY category, action`
    const { oldest, newest } = await this.#ends(where)
    const sumBy = (key: 'category' | 'action') => {
      const sums: Record<string, number> = {}
      for (const row of rows) sums[row[key]] = (sums[row[key]] ?? 0) + Number(row.n)
      return sums
    }
    return {
      total: rows.reduce((sum, row) => sum + Number(row.n), 0),
      byCategory: sumBy('category'),
      byAction: sumBy('action'),
      oldest,
      newest,
    }
  }

  /** The earliest and the latest of their times, by what the clock said. */
  async #ends(where: Prisma.Sql): Promise<Pick<AuditStatistics, 'oldest' | 'newest'>> {
    const { dialect } = this.#reader
    const stills = await stillTimes(this.#ask.rows)
    const said = stills.length === 0 ? Prisma.sql`NULL` : saidTime(dialect, stills)
    const timed = Prisma.sql`CASE WHEN (${said}) IS NULL THEN created_at END`
    const [ends] = await this.#reader.$queryRaw<Record<string, bigint | string | null>[]>`
      SELECT ${dialect.milliseconds(Prisma.sql`min(${timed})`)} AS "first", ${dialect.milliseconds(Prisma.sql`max(${timed})`)} AS "last",
        min(${said}) AS "firstSaid", max(${said}) AS "lastSaid"
      FROM audit_logs WHERE ${where}`
    const times = ({ first, last, firstSaid, lastSaid }: NonNullable<typeof ends>) => [
      ...[first, last].filter((time) => time !== null).map(Number),
      ...[firstSaid, lastSaid].filter((time) => time !== null).map((time) => Date.parse(String(time))),
    ]
    const all = ends === undefined ? [] : times(ends)
    if (all.length === 0) return { oldest: null, newest: null }
    return { oldest: new Date(Math.min(...all)), newest: new Date(Math.max(...all)) }
  }

  /** How many entries of each category were written in each stretch of time. */
  async countsPerCategory(stretches: readonly Stretch[]): Promise<Record<AuditCategory, number>[]> {
    const counts = stretches.map(() => ({ AUTH: 0, CONFIG: 0, ADMIN: 0, SECURITY: 0 }))
    const earliest = new Date(Math.min(...stretches.map(({ start }) => start.getTime())))
    if ((await stillTimes(this.#ask.rows, earliest)).length > 0) return this.#countByOwnTimes(stretches, counts)
    for (let from = 0; from < stretches.length; from += STRETCHES_AT_ONCE)
      for (const { i, category, n } of await this.#countChunk(stretches.slice(from, from + STRETCHES_AT_ONCE))) {
        const count = counts[from + Number(i)]
        if (count !== undefined) count[category] = Number(n)
      }
    return counts
  }

  async #countByOwnTimes(stretches: readonly Stretch[], counts: Record<AuditCategory, number>[]) {
    for (const [index, stretch] of stretches.entries()) {
      const where = this.#where({}, await this.#range(within(stretch)))
      const rows = await this.#reader.$queryRaw<{ category: AuditCategory; n: bigint }[]>`
        SELECT category, count(*) AS n FROM audit_logs WHERE ${where} GROUP BY category`
      const count = counts[index]
      if (count !== undefined) for (const { category, n } of rows) count[category] = Number(n)
      await yieldToOthers()
    }
    return counts
  }

  /** Only indexes on (column, seq) are walked: a row is never read for being counted. */
  #countChunk(stretches: readonly Stretch[]): Promise<{ i: bigint; category: AuditCategory; n: bigint }[]> {
    const { dialect } = this.#reader
    const given = dialect.rows([
      { type: 'time', values: stretches.map(({ start }) => start.getTime()) },
      { type: 'time', values: stretches.map(({ end }) => end.getTime()) },
    ])
    const [start, end] = [given.column(0), given.column(1)]
    const lastBefore = (moment: Prisma.Sql) => Prisma.sql`coalesce((SELECT seq FROM audit_logs
      WHERE created_at < ${moment} ORDER BY created_at DESC, seq DESC LIMIT 1), -1)`
    const when = dialect.isPartitioned
      ? Prisma.sql`AND created_at >= r.start_time AND created_at < r.end_time`
      : Prisma.empty
    // Few, and found by their action: by their category all would be looked at.
    const hidden =
      this.#hidden.length === 0
        ? Prisma.empty
        : Prisma.sql` - (SELECT count(*) FROM audit_logs WHERE action IN (${Prisma.join(this.#hidden)})
            AND category || '' = c.category AND seq > r.first AND seq <= r.last ${when})`
    return this.#reader.$queryRaw`
      SELECT r.i AS i, c.category AS category,
        (SELECT count(*) FROM audit_logs WHERE category = c.category AND seq > r.first AND seq <= r.last ${when})${hidden} AS n
      FROM (SELECT ${given.key} AS i, ${start} AS start_time, ${end} AS end_time,
          ${lastBefore(start)} AS first, ${lastBefore(end)} AS last
        FROM ${given.from}) AS r, (${CATEGORIES}) AS c`
  }

  /** The actions or the actors with the most entries in a stretch of time, at most `limit`. */
  async mostFrequent(by: 'action' | 'account', { start, end }: Stretch, limit = 5): Promise<Count[]> {
    const all = await this.#range(within({ start, end }))
    const column = by === 'action' ? Prisma.sql`action` : Prisma.sql`account`
    const counts = new Map<string, number>()
    for (let first = all.from; first <= all.to; first += ROWS_AT_ONCE) {
      const range = { ...all, from: first, to: Math.min(all.to, first + ROWS_AT_ONCE - 1) }
      const rows = await this.#reader.$queryRaw<{ name: string; n: bigint }[]>`
        SELECT ${column} AS name, count(*) AS n FROM audit_logs WHERE ${this.#where({}, range)} GROUP BY ${column}`
      for (const { name, n } of rows) counts.set(name, (counts.get(name) ?? 0) + Number(n))
      await yieldToOthers()
    }
    return [...counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, limit)
  }

  /** Those of the old entries that retention keeps. */
  keptForGood(old: Old): Promise<Set<number>> {
    return keptForGood(this.#reader, old)
  }

  /** What stands for all that is held now. */
  async heldDigest(): Promise<string | undefined> {
    return digestOfHeld(await heldNow(this.#reader))
  }

  /** The last `seq` that is older than `moment`, as are all before it; -1 if there is none. */
  lastOlderThan(moment: Date, now: number): Promise<number> {
    return lastOlderThan(moment, now, this.#ask)
  }

  #range(query: AuditQuery): Promise<SeqRange> {
    return rangeOf(query, this.#ask)
  }

  async #skip({ offset = 0, ...filter }: AuditQuery, range: SeqRange): Promise<SeqRange> {
    return offset === 0 ? range : skipEntries(this.#seen(filter), range, offset, this.#ask)
  }

  #pages(filter: AuditFilter, range: SeqRange, limit?: number): AsyncGenerator<AuditLog[]> {
    const seen = this.#seen(filter)
    return entryPages<AuditLog>({ columns: ENTRY_COLUMNS, filter: seen, range, order: 'newest', limit }, this.#ask)
  }

  #seen(filter: AuditFilter): VisibleFilter {
    return this.#hidden.length === 0 ? filter : { ...filter, exceptActions: this.#hidden }
  }

  async #all(pages: AsyncGenerator<AuditLog[]>): Promise<AuditLog[]> {
    const entries: AuditLog[] = []
    for await (const page of pages) entries.push(...page)
    return entries
  }

  #where(filter: AuditFilter, range: SeqRange): Prisma.Sql {
    return Prisma.sql`(${Prisma.join(alternativesOf(this.#reader.dialect, this.#seen(filter), range), ' OR ')})`
  }
}

const within = ({ start, end }: Stretch): AuditFilter => ({ startDate: start, endDate: new Date(end.getTime() - 1) })
