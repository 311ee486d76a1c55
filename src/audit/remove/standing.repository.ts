import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { objectIn } from '../../kernel/json.ts'
import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import { BRANCH_ACTIONS } from '../entry/branch-actions.ts'
import { covers, mergeRuns, type Run, runsIn } from '../entry/coverage.ts'
import { IMPORTED, REPORTED, SEEDING, STANDING } from '../entry/standing.ts'
import { TOLD_FOR } from '../write/clock-doubt.repository.ts'
import { isHeld } from './removal.repository.ts'

/** How many entries one question is about: a longer one would keep others waiting. */
const PAGE = 2000

const FOR_GOOD = [
  'AUDIT_ERASURE',
  'AUDIT_ARCHIVES_SEARCHED',
  'AUDIT_ARCHIVE_REMOVED',
  'AUDIT_RESTORED',
  'AUDIT_RELEASED',
  'CLOCK_TRUSTED',
  ...BRANCH_ACTIONS,
]

const e = Prisma.sql`e`
/** Who is on the whitelist is so by whichever of their accounts; a role also says whose an account is; the rest goes by account. */
const SUBJECT = Prisma.sql`CASE WHEN action LIKE 'WHITELIST%' OR action LIKE 'AUDIT_WITNESS%' OR action = 'OWNER_PROBATION_ENDED' THEN subject_id
  WHEN action = 'ROLE_CHANGE' THEN resource_id || ' ' || coalesce(subject_id, '') ELSE resource_id END`

interface Row {
  readonly seq: number
  readonly createdAt: Date | number
  readonly action: string
  readonly resourceType: string | null
  /** The account that it is about, or the person. */
  readonly subject: string | null
  /** JSON: of the account it is about, and until when a block holds (ISO 8601), where there is such a thing. */
  readonly metadata: string
  readonly held: number | bigint | boolean
}

interface Latest {
  seq: number
  /** It takes back what was before it, or has ended by itself. */
  isOver: boolean
  /** A hold keeps an entry that set something, which must not seem to hold still. */
  hasHeld: boolean
}

type Raw = Pick<Reader, '$queryRaw'>

/** Up to where retention removes. */
export interface Old {
  readonly cutoff: Date
  /** The last entry from before it. */
  readonly throughSeq: number
}

/**
 * Those of the old entries that retention keeps: the latest of each kind and subject where it says how something is, by
 * which `verify` judges what was done after it; requests that could be confirmed after the cutoff; erasures, which an archive
 * that is restored must obey, and how far they were carried out in archives; what was restored, without which it seems inserted;
 * what ended a doubt of the clock, which would last without it where it is brought back; since when times stood still, by which
 * others go that are there; and where the trail left another.
 */
export async function keptForGood(db: Raw, old: Old): Promise<Set<number>> {
  const kept = new Set<number>()
  // What retention had removed says nothing any more, also where what took it back is still away.
  const back = await broughtBack(db)
  for (const { set, clear } of Object.values(STANDING)) {
    const latest = new Map<string, Latest>()
    for (const action of [...set, ...clear])
      for await (const row of entriesOf(db, action, old))
        if (!covers(back, Number(row.seq))) note(latest, row, (clear as readonly string[]).includes(action), old)
    for (const { seq, isOver, hasHeld } of latest.values()) if (!isOver || hasHeld) kept.add(seq)
  }
  for (const action of FOR_GOOD) for await (const { seq } of entriesOf(db, action, old)) kept.add(seq)
  for await (const { seq, createdAt } of entriesOf(db, 'CLOCK_JUMP', old))
    if (new Date(createdAt).getTime() + TOLD_FOR >= old.cutoff.getTime() || (await isOfOthers(db, createdAt)))
      kept.add(seq)
  for await (const { seq, metadata } of entriesOf(db, 'CONFIRMATION_REQUESTED', old))
    if (!hasEnded(objectIn(metadata) ?? {}, old)) kept.add(seq)
  return kept
}

/** Whether others are there from when it was said that times stand still: by that alone they are found by their own. */
async function isOfOthers(db: Raw, createdAt: Date | number): Promise<boolean> {
  const since = new Date(createdAt)
  const until = new Date(since.getTime() + TOLD_FOR)
  const found = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM audit_logs WHERE created_at BETWEEN ${since} AND ${until} AND action <> 'CLOCK_JUMP' LIMIT 1`
  return found.length > 0
}

/** The entries that were brought back from archives at any time. */
async function broughtBack(db: Raw): Promise<Run[]> {
  const rows = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'AUDIT_RESTORED'`
  return mergeRuns(rows.flatMap(({ metadata }) => runsIn(objectIn(metadata)?.ranges)))
}

const hasEnded = ({ until }: Readonly<Record<string, unknown>>, { cutoff }: Old): boolean =>
  typeof until === 'string' && until <= cutoff.toISOString()

function note(latest: Map<string, Latest>, row: Row, clears: boolean, old: Old): void {
  const { seq, resourceType, subject } = row
  const metadata = objectIn(row.metadata) ?? {}
  const { account = null, reason } = metadata
  // That an account was seeded is still so when it has another role.
  const isSeeding = row.action === 'ROLE_CHANGE' && reason === SEEDING
  const key = JSON.stringify([resourceType, subject, account, isSeeding])
  const isHeld = Number(row.held) > 0 && !clears
  const isOver = clears || (row.action === 'USER_BLOCK' && hasEnded(metadata, old))
  const before = latest.get(key)
  if (before === undefined) latest.set(key, { seq, isOver, hasHeld: isHeld })
  else {
    before.hasHeld ||= isHeld
    if (seq > before.seq) Object.assign(before, { seq, isOver })
  }
}

/** All old entries of an action but those that a host only reported. */
async function* entriesOf(db: Raw, action: string, { throughSeq }: Old): AsyncGenerator<Row> {
  for (let after = -1; ; ) {
    const rows = await db.$queryRaw<Row[]>`
      SELECT seq, created_at AS "createdAt", action, resource_type AS "resourceType", ${SUBJECT} AS "subject", metadata, ${isHeld(e)} AS held
      FROM audit_logs e WHERE action = ${action} AND seq > ${BigInt(after)} AND seq <= ${BigInt(throughSeq)}
        AND (action IN (${Prisma.join(FOR_GOOD)}) OR NOT (source = ${IMPORTED} OR (source = ${REPORTED.source} AND request_id IS NULL)))
      ORDER BY seq LIMIT ${BigInt(PAGE)}`
    yield* rows
    if (rows.length < PAGE) return
    after = Number(rows.at(-1)?.seq)
    await yieldToOthers()
  }
}
