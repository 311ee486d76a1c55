import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { parseAccount } from '../../kernel/account.ts'
import { inJson } from '../../kernel/json.ts'
import type { Dialect } from '../../storage/dialect.ts'
import { Prisma } from '../../storage/prisma.ts'
import { type AuditFilter, trailAccount } from '../entry/audit-filter.ts'
import { exactText } from '../entry/canonical.ts'
import { waysAbout, waysBy } from '../remove/person-entries.repository.ts'
import { isOfOwnTime } from './own-times.repository.ts'
import { type Ask, MAX_SEQ, type SeqRange } from './seq-range.repository.ts'

/** Which entries, and those of which actions are not among them whatever is asked for. */
export interface VisibleFilter extends AuditFilter {
  readonly exceptActions?: readonly string[]
}

/** Which end of the trail comes first. */
export type Order = 'newest' | 'oldest'

const PAGE = 1000
/** Where no index helps, one statement looks at this many entries: about more it would keep others waiting. */
const WINDOW = 20_000

/** The entries that match, page by page. `columns` has to have `seq`. */
export async function* entryPages<Row extends { readonly seq: number | bigint }>(
  {
    columns,
    filter,
    range,
    order,
    limit = Number.POSITIVE_INFINITY,
    pageSize = PAGE,
  }: {
    readonly columns: Prisma.Sql
    readonly filter: VisibleFilter
    readonly range: SeqRange
    readonly order: Order
    readonly limit?: number | undefined
    readonly pageSize?: number
  },
  ask: Ask,
): AsyncGenerator<Row[]> {
  let left = limit
  for (const window of windowsOf(filter, range, order)) {
    let { from, to } = window
    for (;;) {
      const wanted = Math.min(left, pageSize)
      const page = await ask.rows<Row>(pageOf(ask.dialect, columns, filter, { ...range, from, to }, order, wanted))
      if (page.length > 0) yield page
      left -= page.length
      if (left === 0) return
      if (page.length < wanted) break
      const last = Number(page.at(-1)?.seq)
      if (order === 'newest') to = last - 1
      else from = last + 1
    }
    await yieldToOthers()
  }
}

/** What is left of the range after its newest `offset` entries that match. */
export async function skipEntries(filter: VisibleFilter, range: SeqRange, offset: number, ask: Ask): Promise<SeqRange> {
  const alternatives = alternativesOf(ask.dialect, filter, range)
  let last = range.from
  let skipped = 0
  if (alternatives.length === 1 && !isUnindexed(filter)) {
    // Only the index is walked, and only one number comes back.
    const [row] = await ask.rows<{ seq: bigint | number | null; n: bigint | number }>(Prisma.sql`
      SELECT min(seq) AS seq, count(*) AS n FROM (SELECT seq FROM audit_logs
        WHERE ${alternatives[0]} ORDER BY seq DESC LIMIT ${BigInt(offset)}) AS newest`)
    last = Number(row?.seq)
    skipped = Number(row?.n)
  } else {
    const walk = { columns: Prisma.sql`seq`, filter, range, order: 'newest', limit: offset } as const
    for await (const page of entryPages<{ seq: number | bigint }>(walk, ask)) {
      last = Number(page.at(-1)?.seq)
      skipped += page.length
    }
  }
  return skipped < offset ? { from: 0, to: -1 } : { ...range, to: last - 1 }
}

/** Stretches of a range, each as much as one statement should look at. */
export function* windowsOf(filter: AuditFilter, range: SeqRange, order: Order): Generator<SeqRange> {
  const { from, to } = range
  if (!isUnindexed(filter)) yield range
  else if (order === 'oldest')
    for (let first = from; first <= to; first += WINDOW)
      yield { ...range, from: first, to: Math.min(to, first + WINDOW - 1) }
  else
    for (let last = to; last >= from; last -= WINDOW)
      yield { ...range, from: Math.max(from, last - WINDOW + 1), to: last }
}

/** Whether no index helps with it. */
export const isUnindexed = ({ channelId, requestId, source, text }: AuditFilter): boolean =>
  [channelId, requestId, source, text].some((value) => value !== undefined)

function pageOf(
  dialect: Dialect,
  columns: Prisma.Sql,
  filter: VisibleFilter,
  range: SeqRange,
  order: Order,
  limit: number,
): Prisma.Sql {
  const end = Prisma.sql`ORDER BY seq ${order === 'newest' ? Prisma.sql`DESC` : Prisma.sql`ASC`} LIMIT ${BigInt(limit)}`
  const [only, ...others] = alternativesOf(dialect, filter, range)
  if (others.length === 0) return Prisma.sql`SELECT ${columns} FROM audit_logs WHERE ${only} ${end}`
  // One walk along an index for each, brought together: an index gives the order of one value alone.
  const walks = alternativesOf(dialect, filter, range).map(
    (where) => Prisma.sql`SELECT seq FROM (SELECT seq FROM audit_logs WHERE ${where} ${end}) AS walk`,
  )
  return Prisma.sql`SELECT ${columns} FROM audit_logs WHERE seq IN (${Prisma.join(walks, ' UNION ')}) ${end}`
}

/** The filter as conditions, each with at most one value for what has an index. Where it names a person, several may hold for the same entry. */
export function alternativesOf(
  dialect: Dialect,
  filter: VisibleFilter,
  { from, to, since, until, ownTimes }: SeqRange,
): Prisma.Sql[] {
  const all = [
    Prisma.sql`seq BETWEEN ${BigInt(from)} AND ${BigInt(Math.min(to, MAX_SEQ))}`,
    ...conditionsOf(dialect, filter),
    ...(ownTimes === undefined ? [] : [isOfOwnTime(dialect, ownTimes)]),
  ]
  if (dialect.isPartitioned) {
    if (since !== undefined) all.push(Prisma.sql`created_at >= ${since}`)
    if (until !== undefined) all.push(Prisma.sql`created_at <= ${until}`)
  }
  return walksOf(filter).map((walk) => Prisma.join([...all, ...walk], ' AND '))
}

/** The ways along an index on which the entries lie: of the person who acted, or of whom it is about, or else of each category and action. */
function walksOf({ by, about, category, action }: AuditFilter): Prisma.Sql[][] {
  const categories = valuesOf(category).map((value) => Prisma.sql`category = ${value}`)
  const actions = valuesOf(action).map((value) => Prisma.sql`action = ${value}`)
  const [of, ...others] = [by && waysBy(by), about && waysAbout(about)].filter((each) => each !== undefined)
  if (of === undefined) return each(categories).flatMap((one) => each(actions).map((other) => [...one, ...other]))
  const restrictions = [...others, categories, actions].filter((some) => some.length > 0)
  return of.map((way) => [way, ...restrictions.map((some) => Prisma.sql`(${Prisma.join(some, ' OR ')})`)])
}

/** Nothing restricts where there are no conditions. */
const each = (conditions: readonly Prisma.Sql[]): Prisma.Sql[][] =>
  conditions.length === 0 ? [[]] : conditions.map((condition) => [condition])

const valuesOf = <T extends string>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : typeof value === 'object' ? [...new Set(value)] : [value]

function* conditionsOf(dialect: Dialect, filter: VisibleFilter): Generator<Prisma.Sql> {
  const {
    userId,
    account,
    phoneNumber,
    targetPhoneNumber,
    channelId,
    requestId,
    source,
    text,
    exceptActions = [],
  } = filter
  if (userId !== undefined) yield Prisma.sql`user_id = ${userId}`
  if (account !== undefined) yield Prisma.sql`account = ${parseAccount(account) ?? account}`
  if (phoneNumber !== undefined) yield Prisma.sql`account = ${trailAccount(phoneNumber)}`
  if (targetPhoneNumber !== undefined)
    yield Prisma.sql`resource_id = ${trailAccount(targetPhoneNumber)} AND resource_type = 'user'`
  if (channelId !== undefined) yield Prisma.sql`channel_id = ${channelId}`
  if (requestId !== undefined) yield Prisma.sql`request_id = ${requestId}`
  if (source !== undefined) yield Prisma.sql`source IN (${Prisma.join([source].flat())})`
  if (text !== undefined) yield containing(dialect, text)
  if (exceptActions.length > 0) yield Prisma.sql`action NOT IN (${Prisma.join(exceptActions)})`
}

function containing({ isLike }: Dialect, sought: string): Prisma.Sql {
  // In an entry it would have become this; and LIKE ends at U+0000, where it would find everything.
  const text = exactText(sought)
  // An accent may be part of its letter or stand behind it, there as well as here.
  const forms = [...new Set([text, text.normalize('NFC'), text.normalize('NFD')])]
  const places = forms.flatMap((form) => [
    ...['description', 'actor_name', 'resource_id'].map((name) => [name, likePattern(form)] as const),
    // The metadata is JSON text, in which quotes and backslashes are written otherwise.
    ['metadata', likePattern(inJson(form))] as const,
  ])
  return Prisma.sql`(${Prisma.join(
    places.map(([name, pattern]) => isLike(Prisma.raw(name), pattern)),
    ' OR ',
  )})`
}

const likePattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`
