import type { Snapshot } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Hash } from '../tree/hash.ts'
import { leafHash } from '../tree/leaf.ts'
import type { TilePlace } from '../tree/tiles.ts'
import { BOUNDED_TEXTS, bounded } from '../write/bounded-columns.repository.ts'

/** A row of the trail, unchecked. */
export interface StoredEntry {
  readonly seq: number
  readonly id: string
  readonly createdAt: Date
  readonly source: string
  readonly action: string
  readonly userId: string | null
  readonly account: string
  readonly userRole: string
  readonly resourceId: string | null
  readonly subjectId: string | null
  readonly channelId: string | null
  readonly requestId: string | null
  readonly metadata: string
  /** The hash of what the row says. */
  readonly leaf: Hash
  /** The hash that stands in the row. */
  readonly storedLeaf: Buffer
}

type Row = readonly [number, string, unknown, ...unknown[]]

/** Beyond these no number is exact, and no entry has one. */
const BOUNDS = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const

const COLUMNS = Prisma.sql`seq, id, created_at, ${Prisma.join(BOUNDED_TEXTS.map(bounded))}, nonce, leaf_hash`

/** The row of the head, unchecked. */
export interface StoredHead {
  readonly size: unknown
  readonly lastCreatedAt: unknown
  readonly checkpoint: string
}

export interface TileShape extends TilePlace {
  readonly bytes: number
}

/** What the tables of the trail hold. */
export class StoredTrail {
  readonly #snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  async head(): Promise<StoredHead | undefined> {
    const [row] = await this.#snapshot.read<[unknown, unknown, unknown]>(
      'SELECT size, last_created_at, checkpoint FROM audit_head WHERE id = 1',
    )
    return row && { size: row[0], lastCreatedAt: row[1], checkpoint: String(row[2]) }
  }

  async count(): Promise<number> {
    return (await this.#snapshot.read<[number]>('SELECT count(*) FROM audit_logs'))[0]?.[0] ?? 0
  }

  /** How many rows have a number that no entry can have. `entries` passes them over. */
  async countOutOfBounds(): Promise<number> {
    const { bigint } = this.#snapshot.dialect
    const sql = Prisma.sql`SELECT count(*) FROM audit_logs WHERE seq NOT BETWEEN ${bigint(BOUNDS[0])} AND ${bigint(BOUNDS[1])}`
    return (await this.#snapshot.read<[number]>(sql))[0]?.[0] ?? 0
  }

  /** When an entry was written, as its row says; `undefined` where there is none. */
  async createdAt(seq: number): Promise<unknown> {
    return (await this.#snapshot.read<[unknown]>('SELECT created_at FROM audit_logs WHERE seq = ?', seq))[0]?.[0]
  }

  /** Up to `limit` entries after `afterSeq`, in order. */
  async entries(afterSeq: number, limit: number): Promise<StoredEntry[]> {
    const { bigint } = this.#snapshot.dialect
    const rows = await this.#snapshot.read<Row>(
      // One bound on each side: of two the engine may take the wrong one, and begin every page at the beginning.
      Prisma.sql`SELECT ${COLUMNS} FROM audit_logs
        WHERE seq > ${bigint(Math.max(afterSeq, BOUNDS[0] - 1))} AND seq <= ${bigint(BOUNDS[1])} ORDER BY seq LIMIT ${limit}`,
    )
    return rows.map(toStored)
  }

  /** All entries of an action, in order: only of one of which there are few. */
  async entriesBy(action: string): Promise<StoredEntry[]> {
    const { bigint } = this.#snapshot.dialect
    const rows = await this.#snapshot.read<Row>(
      Prisma.sql`SELECT ${COLUMNS} FROM audit_logs
        WHERE action = ${action} AND seq BETWEEN ${bigint(BOUNDS[0])} AND ${bigint(BOUNDS[1])} ORDER BY seq`,
    )
    return rows.map(toStored)
  }

  /** The hashes of a tile; empty where there is none. */
  async tile({ level, index }: TilePlace): Promise<Buffer> {
    const [row] = await this.#snapshot.read<[Buffer]>(
      'SELECT hashes FROM audit_tiles WHERE level = ? AND idx = ?',
      level,
      index,
    )
    return Buffer.isBuffer(row?.[0]) ? row[0] : Buffer.alloc(0)
  }

  /** Which tiles there are, and how long. */
  async tileShapes(): Promise<TileShape[]> {
    const rows = await this.#snapshot.read<[number, number, number]>(
      Prisma.sql`SELECT level, idx, ${this.#snapshot.dialect.byteLength(Prisma.sql`hashes`)} FROM audit_tiles`,
    )
    return rows.map(([level, index, bytes]) => ({ level, index, bytes }))
  }
}

function toStored(row: Row): StoredEntry {
  const [seq, id, createdAt, ...rest] = row
  const [source, category, action, description, userId, account, actorName, userRole] = rest as string[]
  const [resourceType, resourceId, subjectId, channelId, requestId, ipAddress, userAgent, metadata, nonce, storedLeaf] =
    rest.slice(8) as [...(string | null)[], string, Buffer, Buffer] as unknown as [
      string | null,
      string | null,
      string | null,
      string | null,
      string | null,
      string | null,
      string | null,
      string,
      Buffer,
      Buffer,
    ]
  const fields = { id, createdAt: toDate(createdAt), source, category, action, description, userId, account }
  const more = { actorName, userRole, resourceType, resourceId, subjectId, channelId, requestId, ipAddress, userAgent }
  const leaf = leafHash({ ...fields, ...more, metadata, nonce: bytes(nonce) } as Parameters<typeof leafHash>[0])
  return {
    seq,
    id,
    createdAt: fields.createdAt,
    source: String(source),
    action: String(action),
    userId: userId ?? null,
    account: String(account),
    userRole: String(userRole),
    resourceId,
    subjectId,
    channelId,
    requestId,
    metadata,
    leaf,
    storedLeaf: bytes(storedLeaf),
  }
}

/** A column can hold anything. What is of another type than an entry has hashes to what no entry has. */
const bytes = (value: unknown): Buffer => (Buffer.isBuffer(value) ? value : Buffer.alloc(0))

function toDate(ms: unknown): Date {
  const date = new Date(Number.isInteger(ms) ? (ms as number) : Number.NaN)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}
