import type { Reader, WriteTransaction } from '../storage/database.ts'
import type { AuditLog } from './entry.ts'
import { HASH_BYTES, type Hash } from './tree/hash.ts'
import type { Tile, TilePlace } from './tree/tiles.ts'

/** Bytes of a nonce: so many that nobody can guess what an erased entry was. */
export const NONCE_BYTES = 16

/** How far the trail goes. */
export interface Head {
  /** How many entries were ever written: the next `seq`. */
  readonly size: number
  readonly lastCreatedAt: Date
  /** A signed note (C2SP tlog-checkpoint); empty for a trail without entries. */
  readonly checkpoint: string
}

type Raw = Pick<Reader, '$queryRaw'>

export async function readHead(db: Raw): Promise<Head> {
  const [head] = await db.$queryRaw<Head[]>`
    SELECT size, last_created_at AS "lastCreatedAt", checkpoint FROM audit_head WHERE id = 1`
  if (head === undefined) throw new Error('The row of audit_head is missing.')
  return { ...head, size: Number(head.size) }
}

export async function saveHead(db: WriteTransaction, { size, lastCreatedAt, checkpoint }: Head): Promise<void> {
  await db.$executeRaw`
    UPDATE audit_head SET size = ${BigInt(size)}, last_created_at = ${lastCreatedAt}, checkpoint = ${checkpoint}
    WHERE id = 1`
}

/** Those of the tiles named that there are. */
export async function readTiles(db: Raw, places: readonly TilePlace[]): Promise<Tile[]> {
  const keys = JSON.stringify(places.map(({ level, index }) => [level, index]))
  const rows = await db.$queryRaw<{ level: number; idx: number; hashes: Uint8Array }[]>`
    SELECT level, idx, hashes FROM json_each(${keys}) AS wanted
    JOIN audit_tiles ON level = json_extract(wanted.value, '$[0]') AND idx = json_extract(wanted.value, '$[1]')`
  return rows.map(({ level, idx, hashes }) => ({ level: Number(level), index: Number(idx), hashes }))
}

/** Stores tiles that are new or have grown. */
export async function saveTiles(db: WriteTransaction, tiles: readonly Tile[]): Promise<void> {
  // One statement: the hashes of all of them one after another, and where each begins and how long it is.
  let from = 1
  const rows = tiles.map(({ level, index, hashes }) => {
    const row = [level, index, from, hashes.length]
    from += hashes.length
    return row
  })
  await db.$executeRaw`
    INSERT INTO audit_tiles (level, idx, hashes)
    SELECT value->>0, value->>1, substr(${Buffer.concat(tiles.map(({ hashes }) => hashes))}, value->>2, value->>3)
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes`
}

/** Writes entries whose place and time are settled. `nonces` and `leaves` hold theirs one after another. */
export async function insertEntries(
  db: WriteTransaction,
  entries: readonly AuditLog[],
  nonces: Uint8Array,
  leaves: readonly Hash[],
): Promise<void> {
  const rows = entries.map((entry) => [
    entry.createdAt.getTime(),
    entry.id,
    entry.source,
    entry.category,
    entry.action,
    entry.description,
    entry.userId,
    entry.phoneNumber,
    entry.actorName,
    entry.userRole,
    entry.resourceType,
    entry.resourceId,
    entry.channelId,
    entry.requestId,
    entry.ipAddress,
    entry.userAgent,
    entry.metadata,
  ])
  // One statement with few parameters for the whole batch: bindings, not rows, are what costs.
  await db.$executeRaw`
    INSERT INTO audit_logs (seq, created_at, id, source, category, action, description, user_id, phone_number,
      actor_name, user_role, resource_type, resource_id, channel_id, request_id, ip_address, user_agent, metadata,
      nonce, leaf_hash)
    SELECT ${BigInt(entries[0]?.seq ?? 0)} + key, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
      value->>7, value->>8, value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16,
      substr(${nonces}, key * ${BigInt(NONCE_BYTES)} + 1, ${BigInt(NONCE_BYTES)}),
      substr(${Buffer.concat(leaves)}, key * ${BigInt(HASH_BYTES)} + 1, ${BigInt(HASH_BYTES)})
    FROM jsonb_each(${JSON.stringify(rows)})`
}
