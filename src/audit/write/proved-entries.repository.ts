import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { AuditEntry } from '../entry/entry.ts'
import { HASH_BYTES, type Hash } from '../tree/hash.ts'
import { leafHash } from '../tree/leaf.ts'
import { inclusionProof, type ReadTile } from '../tree/proofs.ts'
import { edgeTiles, leafIn, TILE_WIDTH, type Tile, type TilePlace, tileOfLeaf } from '../tree/tiles.ts'
import { verifyInclusion } from '../tree/verify-proofs.ts'
import { inSql, readTiles, TEXTS } from './trail.repository.ts'

type Raw = Pick<Reader, '$queryRaw' | 'dialect'>
type Entry = AuditEntry & { readonly nonce: Uint8Array }

const FIELDS = Prisma.raw(['createdAt', 'nonce', ...TEXTS].map((field) => `${inSql(field)} AS "${field}"`).join(', '))

/** Entries as their leaves are made of them, those that are there. */
async function entriesOf(db: Raw, seqs: readonly number[]): Promise<Entry[]> {
  const rows = await db.$queryRaw<Entry[]>`
    SELECT seq, ${FIELDS} FROM audit_logs WHERE ${db.dialect.isAmong(Prisma.sql`seq`, seqs)}`
  // The driver of a server by itself gives times as milliseconds.
  return rows.map((row) => ({ ...row, seq: Number(row.seq), createdAt: new Date(row.createdAt) }))
}

/**
 * The tiles that proofs of these entries in a tree of that size need, in one question: those above their leaves, and those at
 * the edge. Whoever reads one that is missing gets a `RangeError`.
 */
export async function tilesAround(db: Raw, seqs: readonly number[], size: number): Promise<readonly Tile[]> {
  const places = new Map<string, TilePlace>()
  const add = (place: TilePlace) => places.set(`${place.level}/${place.index}`, place)
  for (const place of edgeTiles(size)) add(place)
  for (const seq of seqs)
    for (let level = 0, index = Math.floor(seq / TILE_WIDTH); size >= TILE_WIDTH ** level; level++) {
      add({ level, index })
      index = Math.floor(index / TILE_WIDTH)
    }
  return readTiles(db, [...places.values()])
}

export const readerOf =
  (tiles: readonly Tile[]): ReadTile =>
  async ({ level, index }) => {
    const tile = tiles.find((tile) => tile.level === level && tile.index === index)
    if (tile === undefined) throw new RangeError(`Tile ${level}/${index} is missing.`)
    return tile.hashes
  }

/** Which of these entries is the first that is not there, or not as the tree of that root has it; `undefined`: none. */
export async function firstUnproved(
  db: Raw,
  { size, root }: { readonly size: number; readonly root: Hash },
  seqs: readonly number[],
): Promise<number | undefined> {
  const entries = new Map((await entriesOf(db, seqs)).map((entry) => [entry.seq, entry]))
  const read = readerOf(await tilesAround(db, seqs, size))
  // A proof of one leaf goes by all others of its tile.
  const proved = new Map<number, Uint8Array | undefined>()
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const { index } = tileOfLeaf(seq)
    if (!proved.has(index)) proved.set(index, await provedTile(index, { size, root }, read))
    const [entry, leaves] = [entries.get(seq), proved.get(index)]
    if (entry === undefined || leaves === undefined || !leafHash(entry).equals(leafIn(leaves, seq))) return seq
  }
  return undefined
}

/**
 * Whether the last entry of the tree of that root is of that time: no entry is earlier than the one ahead of it, so a time that
 * somebody wrote into the head would be that of all that come.
 */
export async function isTimeOfLast(
  db: Raw,
  at: Date,
  signed: { readonly size: number; readonly root: Hash },
): Promise<boolean> {
  const seq = signed.size - 1
  // A trail that is kept in parts by time is asked in one of them.
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM audit_logs WHERE seq = ${BigInt(seq)} AND created_at = ${at}`
  // What takes entries away leaves its own, so it is there.
  return rows.length > 0 && (await firstUnproved(db, signed, [seq])) === undefined
}

/** The leaves in a tile, if they are those of the tree of that root. */
async function provedTile(
  index: number,
  { size, root }: { readonly size: number; readonly root: Hash },
  read: ReadTile,
): Promise<Uint8Array | undefined> {
  const first = index * TILE_WIDTH
  if (first >= size) return undefined
  try {
    const leaves = await read({ level: 0, index })
    const proof = await inclusionProof(first, size, read)
    const leaf = Buffer.from(leaves.subarray(0, HASH_BYTES))
    return verifyInclusion(leaf, first, size, proof, root) ? leaves.subarray(0, (size - first) * HASH_BYTES) : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
