import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/kernel/clock.ts'
import { COVERS } from '../../../src/storage/covers.ts'
import type { AtEnd } from '../../support/at-end.ts'
import { FakeClock, OWNER, OWNER2, openTestWarden, temporaryFolder } from '../../support/chatwarden.ts'
import { copyFolder, onPostgres, type RawDatabase, testDatabase } from '../../support/database.ts'
import { DENIED, type FullTrail, makeFullTrail } from '../../support/full-trail.ts'
import { findingsIn, tamper } from '../../support/tamper.ts'

/** Every so many of the edits, in a short round. */
const EVERY = process.env.SOAK_ROUNDS === undefined ? 1 : onPostgres ? 23 : 7

/** What is written into a column, as SQL: of its own value `c`, or another row's `o`. */
const EDITS: Readonly<Record<string, string>> = {
  null: 'NULL',
  "another row's": 'o',
  past: onPostgres ? "c - interval '400 days'" : `c - ${400 * DAY}`,
  future: onPostgres ? "c + interval '400 days'" : `c + ${400 * DAY}`,
  fewer: 'c - 1',
  more: 'c + 1',
  text: "'text'",
  huge: '4611686018427387904',
  long: onPostgres ? "repeat('x', 1000000)" : "replace(hex(zeroblob(500000)), '0', 'x')",
}

/** Of columns that are replayed: what was uploaded is uploaded once more, and a code that is said to have ended is none. */
const HARMLESS = ['audit_archives.uploaded_at: null', 'confirmations.expires_at: past']

type Outcome = 'found' | 'refused' | 'the same' | 'harmless by the list' | 'missed'

/** Where a row lies; in PostgreSQL somewhere else after each change. */
const PLACE = onPostgres ? 'tableoid::text || ctid::text' : 'rowid'

/** @returns what came of it, where nothing was changed. */
function apply(database: RawDatabase, [table, column]: Column, edit: string): Outcome | undefined {
  const rows = database.prepare<[], { place: string }>(`SELECT ${PLACE} AS place FROM "${table}"`).all()
  if (rows.length === 0) return 'the same'
  const is = (row: { place: string } | undefined) => `${PLACE} = ${onPostgres ? `'${row?.place}'` : row?.place}`
  const first = is(rows[0])
  const other = `(SELECT "${column}" FROM "${table}" WHERE ${is(rows.at(-1))})`
  const value = (EDITS[edit] ?? '').replace(/\bc\b/, `"${column}"`).replace(/^o$/, other)
  const readAs = (sql: string) =>
    JSON.stringify(
      database.prepare(`SELECT (${sql})${onPostgres ? '::text' : ''} AS v FROM "${table}" WHERE ${first}`).all(),
    )
  try {
    if (readAs(`"${column}"`) === readAs(value)) return 'the same'
    database.exec(`UPDATE "${table}" SET "${column}" = ${value} WHERE ${first}`)
    return undefined
  } catch {
    return 'refused'
  }
}

type Column = readonly [table: string, column: string]

const COLUMNS = Object.entries(COVERS).flatMap(([table, { only, columns }]) =>
  only === 'postgresql' && !onPostgres
    ? []
    : columns.flatMap((each) => each.columns.map((column): Column => [table, column])),
)

const isBound = ([table, column]: Column): boolean => {
  const cover = COVERS[table]?.columns.find(({ columns }) => columns.includes(column))?.cover
  return cover === 'signed' || cover === 'replayed' || cover === 'sealed'
}

/** Edits a copy of the trail, verifies it, and where that finds nothing lets a bot live with it. */
async function outcomeOf(trail: FullTrail, column: Column, edit: string): Promise<Outcome> {
  const ends: (() => unknown)[] = []
  try {
    return await outcomeIn(trail, column, edit, (end) => ends.push(end))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function outcomeIn(trail: FullTrail, column: Column, edit: string, atEnd: AtEnd): Promise<Outcome> {
  const folder = temporaryFolder(atEnd)
  copyFolder(dirname(trail.path), folder)
  let outcome: Outcome | undefined
  tamper(testDatabase(folder).path, (database) => {
    outcome = apply(database, column, edit)
  })
  if (outcome !== undefined) return outcome
  if ((await findingsIn(testDatabase(folder).path, trail.how)).length > 0) return 'found'
  if (isBound(column) && !HARMLESS.includes(`${column.join('.')}: ${edit}`)) return 'missed'
  await liveWith(folder, trail, atEnd)
  return 'harmless by the list'
}

/** Nobody's command, denial or clean-up fails for it. */
async function liveWith(folder: string, { how }: FullTrail, atEnd: AtEnd): Promise<void> {
  const clock = new FakeClock(how.now + MINUTE)
  const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}`, AUDIT_ARCHIVE: 'on', AUDIT_LOG_RETENTION_DAYS: '30' }
  const warden = await openTestWarden({ clock, env }, folder, atEnd)
  const statuses: string[] = []
  const denials = () => warden.AuditLogRepository.count({ action: 'PERMISSION_DENIED', phoneNumber: DENIED })
  const before = await denials()
  for (const [who, text] of [
    [OWNER, 'more'],
    [OWNER, 'audit list'],
    [OWNER2, 'user status +15550000401'],
    [DENIED, 'role list'],
    [DENIED, 'role list'],
  ] as const)
    statuses.push((await warden.say(who, `!config ${text}`)).status)
  expect(statuses).not.toContain('failed')
  // The first of five, or the sixth that is told.
  expect(await denials()).toBeGreaterThan(before)
  await warden.cleanupExpiredAuditLogs()
}

describe('what somebody writes into a column by SQL', () => {
  test('is found, refused, or harmless by the list', async () => {
    const trail = await makeFullTrail()
    expect(await findingsIn(trail.path, trail.how)).toEqual([])
    const counts: Record<string, number> = {}
    const others: string[] = []
    let round = 0
    for (const column of COLUMNS)
      for (const edit of Object.keys(EDITS)) {
        if (round++ % EVERY !== 0) continue
        const outcome = await outcomeOf(trail, column, edit).catch((error: Error) => error.message)
        counts[outcome] = (counts[outcome] ?? 0) + 1
        if (!['found', 'refused', 'the same', 'harmless by the list'].includes(outcome))
          others.push(`${column.join('.')}, ${edit}: ${outcome}`)
      }
    console.log(`${round} edits of ${COLUMNS.length} columns:`, counts)
    expect(others).toEqual([])
  })
})
