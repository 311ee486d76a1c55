import type { Snapshot } from '../../storage/snapshot.ts'
import { HASH_BYTES, type Hash } from '../tree/hash.ts'
import { leafHash } from '../tree/leaf.ts'
import { TILE_WIDTH, type TilePlace } from '../tree/tiles.ts'

/** A row of the trail, unchecked. */
export interface StoredEntry {
  readonly seq: number
  readonly id: string
  readonly source: string
  readonly action: string
  readonly requestId: string | null
  readonly resourceId: string | null
  readonly metadata: string
  /** The hash of what the row says. */
  readonly leaf: Hash
  /** The hash that stands in the row. */
  readonly storedLeaf: Buffer
}

type Row = readonly [number, string, number, ...unknown[]]

const COLUMNS = `seq, id, CAST(created_at AS INTEGER), source, category, action, description, user_id, phone_number,
  actor_name, user_role, resource_type, resource_id, channel_id, request_id, ip_address, user_agent, metadata, nonce, leaf_hash`

/** What the tables of the trail hold. */
export class StoredTrail {
  readonly #snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  async head(): Promise<{ readonly size: number; readonly checkpoint: string } | undefined> {
    const [row] = await this.#snapshot.read<[number, string]>('SELECT size, checkpoint FROM audit_head WHERE id = 1')
    return row && { size: row[0], checkpoint: row[1] }
  }

  async count(): Promise<number> {
    return (await this.#snapshot.read<[number]>('SELECT count(*) FROM audit_logs'))[0]?.[0] ?? 0
  }

  /** Up to `limit` entries after `afterSeq`, in order. */
  async entries(afterSeq: number, limit: number): Promise<StoredEntry[]> {
    const rows = await this.#snapshot.read<Row>(
      `SELECT ${COLUMNS} FROM audit_logs WHERE seq > ? ORDER BY seq LIMIT ?`,
      afterSeq,
      limit,
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

  /** How many leaves the tiles hold. */
  async leafCount(): Promise<number> {
    const [row] = await this.#snapshot.read<[number, number]>(
      'SELECT idx, length(hashes) FROM audit_tiles WHERE level = 0 ORDER BY idx DESC LIMIT 1',
    )
    return row === undefined ? 0 : row[0] * TILE_WIDTH + Math.floor(row[1] / HASH_BYTES)
  }
}

function toStored(row: Row): StoredEntry {
  const [seq, id, createdAt, ...rest] = row
  const [source, category, action, description, userId, phoneNumber, actorName, userRole] = rest as string[]
  const [resourceType, resourceId, channelId, requestId, ipAddress, userAgent, metadata, nonce, storedLeaf] =
    rest.slice(8) as [...(string | null)[], string, Buffer, Buffer] as unknown as [
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
  const fields = { id, createdAt: toDate(createdAt), source, category, action, description, userId, phoneNumber }
  const more = { actorName, userRole, resourceType, resourceId, channelId, requestId, ipAddress, userAgent }
  const leaf = leafHash({ ...fields, ...more, metadata, nonce: Buffer.from(nonce ?? '') } as Parameters<
    typeof leafHash
  >[0])
  return {
    seq,
    id,
    source: String(source),
    action: String(action),
    requestId,
    resourceId,
    metadata,
    leaf,
    storedLeaf: Buffer.from(storedLeaf ?? ''),
  }
}

/** A time that is none hashes to what no entry has. */
function toDate(ms: number): Date {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}
