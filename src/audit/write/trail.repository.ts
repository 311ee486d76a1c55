import type { Cell, Reader, SqlTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { AuditEntry } from '../entry/entry.ts'
import { HASH_BYTES, type Hash } from '../tree/hash.ts'
import type { Tile, TilePlace } from '../tree/tiles.ts'

/** Bytes of a nonce: so many that nobody can guess what an erased entry was. */
export const NONCE_BYTES = 16

/** One of nonces that lie one after another. */
export const nonceAt = (nonces: Uint8Array, index: number): Uint8Array =>
  nonces.subarray(index * NONCE_BYTES, (index + 1) * NONCE_BYTES)

/** How far the trail goes. */
export interface Head {
  /** How many entries were ever written: the next `seq`. */
  readonly size: number
  readonly lastCreatedAt: Date
  /** A signed note (C2SP tlog-checkpoint); empty for a trail without entries. */
  readonly checkpoint: string
}

type Raw = Pick<Reader, '$queryRaw' | 'dialect'>

export async function readHead(db: Pick<Reader, '$queryRaw'> & Pick<SqlTransaction, 'head'>): Promise<Head> {
  if (db.head !== undefined) return db.head
  const [head] = await db.$queryRaw<Head[]>`
    SELECT size, last_created_at AS "lastCreatedAt", checkpoint FROM audit_head WHERE id = 1`
  if (head === undefined) throw new Error('The row of audit_head is missing.')
  return { ...head, size: Number(head.size) }
}

export async function saveHead(db: SqlTransaction, { size, lastCreatedAt, checkpoint }: Head): Promise<void> {
  await db.$executeRaw`
    UPDATE audit_head SET size = ${BigInt(size)}, last_created_at = ${lastCreatedAt}, checkpoint = ${checkpoint}
    WHERE id = 1`
}

/** Those of the tiles named that there are. */
export async function readTiles(db: Raw, places: readonly TilePlace[]): Promise<Tile[]> {
  const wanted = db.dialect.rows([
    { type: 'integer', values: places.map(({ level }) => level) },
    { type: 'integer', values: places.map(({ index }) => index) },
  ])
  const rows = await db.$queryRaw<{ level: number; idx: number; hashes: Uint8Array }[]>`
    SELECT level, idx, hashes FROM ${wanted.from} JOIN audit_tiles ON level = ${wanted.column(0)} AND idx = ${wanted.column(1)}`
  return rows.map(({ level, idx, hashes }) => ({ level: Number(level), index: Number(idx), hashes }))
}

/** Stores tiles that are new or have grown. */
export async function saveTiles(db: SqlTransaction, tiles: readonly Tile[]): Promise<void> {
  // One statement: the hashes of all of them one after another, and where each begins and how long it is.
  let from = 0
  const begins = tiles.map(({ hashes }) => {
    from += hashes.length
    return from - hashes.length
  })
  const rows = db.dialect.rows([
    { type: 'integer', values: tiles.map(({ level }) => level) },
    { type: 'integer', values: tiles.map(({ index }) => index) },
    { type: 'integer', values: begins },
    { type: 'integer', values: tiles.map(({ hashes }) => hashes.length) },
  ])
  const hashes = Buffer.concat(tiles.map((tile) => tile.hashes))
  await db.$executeRaw`
    INSERT INTO audit_tiles (level, idx, hashes)
    SELECT ${rows.column(0)}, ${rows.column(1)}, ${db.dialect.slice(hashes, rows.column(2), rows.column(3))}
    FROM ${rows.from} WHERE true
    ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes`
}

/** The text columns of an entry besides those of its place in the trail, in the order of its fields. */
export const TEXTS = [
  'id',
  'source',
  'category',
  'action',
  'description',
  'userId',
  'account',
  'actorName',
  'userRole',
  'resourceType',
  'resourceId',
  'subjectId',
  'channelId',
  'requestId',
  'ipAddress',
  'userAgent',
  'metadata',
] as const satisfies readonly (keyof AuditEntry)[]

export const inSql = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const COLUMNS = ['seq', 'created_at', ...TEXTS.map(inSql), 'nonce', 'leaf_hash']

/** For fewer entries than this, COPY takes a round trip more than it saves. */
const COPY_FROM = 20

/** Makes sure that there is a place for entries of these moments, where the trail is kept in parts by time. */
export async function prepareMonths(db: SqlTransaction, moments: Iterable<Date>): Promise<void> {
  if (!db.dialect.isPartitioned) return
  const months = new Map([...moments].map((moment) => [monthOf(moment), moment]))
  for (const moment of months.values()) await db.$queryRaw`SELECT 1 AS "done" FROM audit_prepare_month(${moment})`
}

/** The month of a moment in UTC, as `2026-11`. */
export const monthOf = (moment: Date): string => moment.toISOString().slice(0, 7)

/** Writes entries whose place and time are settled, `nonces` and `leaves` being theirs in the same order. */
export async function insertEntries(
  db: SqlTransaction,
  entries: readonly AuditEntry[],
  nonces: Uint8Array,
  leaves: Iterable<Hash>,
): Promise<void> {
  if (db.copy !== undefined && entries.length >= COPY_FROM) {
    await db.copy('audit_logs', COLUMNS, cellsOf(entries, nonces, leaves))
    return
  }
  const rows = db.dialect.rows([
    { type: 'time', values: entries.map(({ createdAt }) => createdAt.getTime()) },
    ...TEXTS.map((field) => ({ type: 'text', values: entries.map((entry) => entry[field]) }) as const),
  ])
  const texts = TEXTS.map((_, index) => rows.column(index + 1))
  const pieces = (bytes: Uint8Array, length: number) =>
    db.dialect.slice(bytes, Prisma.sql`${rows.key} * ${Prisma.raw(String(length))}`, Prisma.raw(String(length)))
  // One statement for the whole batch.
  await db.$executeRaw`
    INSERT INTO audit_logs (${Prisma.raw(COLUMNS.join(', '))})
    SELECT ${db.dialect.integer(entries[0]?.seq ?? 0)} + ${rows.key}, ${rows.column(0)}, ${Prisma.join(texts)},
      ${pieces(nonces, NONCE_BYTES)}, ${pieces(Buffer.concat([...leaves]), HASH_BYTES)}
    FROM ${rows.from}`
}

function* cellsOf(entries: readonly AuditEntry[], nonces: Uint8Array, leaves: Iterable<Hash>): Generator<Cell[]> {
  let index = 0
  for (const leaf of leaves) {
    const entry = entries[index] as AuditEntry
    const cells: Cell[] = [entry.seq, entry.createdAt]
    for (const field of TEXTS) cells.push(entry[field])
    cells.push(nonceAt(nonces, index), leaf)
    index++
    yield cells
  }
}

/** The `seq` of the last entry of an action; -1 if there is none. */
export async function latestOf(db: Pick<Reader, '$queryRaw'>, action: string): Promise<number> {
  const [row] = await db.$queryRaw<{ seq: number | bigint | null }[]>`
    SELECT max(seq) AS seq FROM audit_logs WHERE action = ${action}`
  return Number(row?.seq ?? -1)
}
