import { HASH_BYTES } from '../tree/hash.ts'
import { edgeTiles, hashAbove, TILE_WIDTH, type TilePlace, TreeEdge, tileWidth } from '../tree/tiles.ts'
import type { Finding } from './finding.ts'
import type { StoredTrail } from './stored-trail.repository.ts'

/**
 * Whether the tiles are one tree of `size` leaves with that root: each full tile has the hash that the level above has
 * for it, and the right edge leads to the root.
 */
export async function checkTree(stored: StoredTrail, size: number, root: Buffer | undefined): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let level = 0; ; level++) {
    const count = Math.floor(size / TILE_WIDTH ** (level + 1))
    if (count === 0) break
    for (let index = 0; index < count; index++)
      if (!(await fits(stored, { level, index }))) findings.push(wrongTile({ level, index }, size))
  }
  if (!(await leadsTo(stored, size, root))) findings.push(...(await wrongEdge(stored, size)))
  return findings
}

async function fits(stored: StoredTrail, { level, index }: TilePlace): Promise<boolean> {
  const hashes = await stored.tile({ level, index })
  const above = await stored.tile({ level: level + 1, index: Math.floor(index / TILE_WIDTH) })
  const at = (index % TILE_WIDTH) * HASH_BYTES
  if (hashes.length !== TILE_WIDTH * HASH_BYTES || above.length < at + HASH_BYTES) return false
  return hashAbove(hashes).equals(above.subarray(at, at + HASH_BYTES))
}

async function leadsTo(stored: StoredTrail, size: number, root: Buffer | undefined): Promise<boolean> {
  if (root === undefined) return true
  try {
    const tiles = await Promise.all(
      edgeTiles(size).map(async (place) => ({ ...place, hashes: await stored.tile(place) })),
    )
    return TreeEdge.load(size, tiles).root().equals(root)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Which of the tiles at the edge it is cannot be told, unless one is too short. */
async function wrongEdge(stored: StoredTrail, size: number): Promise<Finding[]> {
  const edge = edgeTiles(size)
  const short = []
  for (const place of edge) if ((await stored.tile(place)).length < place.width * HASH_BYTES) short.push(place)
  return (short.length > 0 ? short : edge.slice(0, 1)).map((place) => wrongTile(place, size))
}

function wrongTile({ level, index }: TilePlace, size: number): Finding {
  const leaves = TILE_WIDTH ** (level + 1)
  const width = tileWidth(size, { level, index })
  const first = index * leaves
  const last = Math.min(first + width * TILE_WIDTH ** level, size) - 1
  return { kind: 'altered', entries: [first, Math.max(first, last)], about: `tile ${level}/${index} of the tree` }
}
