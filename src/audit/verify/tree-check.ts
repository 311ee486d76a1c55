import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { HASH_BYTES, type Hash } from '../tree/hash.ts'
import { edgeTiles, hashAbove, TILE_WIDTH, type TilePlace, TreeEdge, tileWidth } from '../tree/tiles.ts'
import type { Finding } from './finding.ts'
import type { StoredTrail, TileShape } from './stored-trail.repository.ts'

const TILE_BYTES = TILE_WIDTH * HASH_BYTES

/**
 * Whether the tiles are one tree of `size` leaves with that root: each full tile has the hash that the level above has
 * for it, and the right edge leads to the root. Where they are not, says which of them were changed, as far as the root
 * tells.
 */
export async function checkTree(stored: StoredTrail, size: number, root: Buffer | undefined): Promise<Finding[]> {
  const { strays, misshapen } = await checkShapes(stored, size)
  const { levels, children, parents } = await rebuild(stored, size)
  const upper = (place: TilePlace) => levels[place.level - 1]?.subarray(...tileBytes(place)) ?? Buffer.alloc(0)
  const built = async (place: TilePlace) => (place.level === 0 ? stored.tile(place) : upper(place))
  const orphans = children.filter((place) => !includes(misshapen, above(place)))
  let wrong: readonly TilePlace[]
  if (root === undefined) wrong = orphans
  // What the leaves make is what was signed: then it is the levels above that were changed.
  else if (await leadsTo(size, root, built)) wrong = parents
  else if (await leadsTo(size, root, (place) => stored.tile(place))) wrong = orphans
  else wrong = [...orphans, ...parents]
  const all = [...misshapen, ...wrong.filter((place) => !includes(misshapen, place))]
  const isExplained = all.length > 0 || root === undefined || (await leadsTo(size, root, built))
  // Which of the tiles at the edge it is cannot be told; the first one holds leaves, in most sizes.
  const altered = isExplained ? all : edgeTiles(size).slice(0, 1)
  return [...unique(altered).map((place) => alteredTile(place, size)), ...strays.map(insertedTile)]
}

/**
 * How many leaves the tiles hold, where there should be `expected`: a tree that went on has full tiles up to its last
 * one.
 */
export function leafCount(shapes: readonly TileShape[], expected: number): number {
  const lengths = new Map(shapes.filter(({ level }) => level === 0).map(({ index, bytes }) => [index, bytes]))
  let index = Math.floor(expected / TILE_WIDTH)
  while (lengths.get(index) === TILE_BYTES) index++
  return index * TILE_WIDTH + Math.min(Math.floor(Math.max(lengths.get(index) ?? 0, 0) / HASH_BYTES), TILE_WIDTH - 1)
}

/** Tiles that a tree of that size does not have, and those that are there with another length, or not at all. */
async function checkShapes(stored: StoredTrail, size: number) {
  const strays: TilePlace[] = []
  const misshapen: TilePlace[] = []
  const counts: number[] = []
  for (const { level, index, bytes } of await stored.tileShapes()) {
    const width = level < 0 || index < 0 ? 0 : tileWidth(size, { level, index })
    if (width === 0) strays.push({ level, index })
    else if (bytes !== width * HASH_BYTES) misshapen.push({ level, index })
    if (width > 0) counts[level] = (counts[level] ?? 0) + 1
  }
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const expected = Math.ceil(hashes / TILE_WIDTH)
    if (counts[level] === expected) continue
    for (let index = 0; index < expected; index++)
      if ((await stored.tile({ level, index })).length === 0) misshapen.push({ level, index })
  }
  return { strays, misshapen: unique(misshapen) }
}

/** Every level above the leaves, from the leaves; full tiles that the tile above does not have, and those tiles above. */
async function rebuild(stored: StoredTrail, size: number) {
  const levels: Buffer[] = []
  const children: TilePlace[] = []
  const parents: TilePlace[] = []
  for (let level = 0, count = Math.floor(size / TILE_WIDTH); count > 0; level++) {
    const next = Buffer.alloc(count * HASH_BYTES)
    let parent: TilePlace & { hashes: Buffer } = { level, index: -1, hashes: Buffer.alloc(0) }
    for (let index = 0; index < count; index++) {
      const place = { level, index }
      const own = hashOfFull(await stored.tile(place))
      const made = level === 0 ? own : hashOfFull(levels[level - 1]?.subarray(...tileBytes(place)))
      made?.copy(next, index * HASH_BYTES)
      if (above(place).index !== parent.index) {
        parent = { ...above(place), hashes: await stored.tile(above(place)) }
        await yieldToOthers()
      }
      const at = (index % TILE_WIDTH) * HASH_BYTES
      const said = parent.hashes.subarray(at, at + HASH_BYTES)
      if (own === undefined || !own.equals(said)) children.push(place)
      if (made === undefined || !made.equals(said)) parents.push(above(place))
    }
    levels.push(next)
    count = Math.floor(count / TILE_WIDTH)
  }
  return { levels, children, parents: unique(parents) }
}

async function leadsTo(size: number, root: Buffer, read: (place: TilePlace) => Promise<Buffer>): Promise<boolean> {
  try {
    const tiles = await Promise.all(edgeTiles(size).map(async (place) => ({ ...place, hashes: await read(place) })))
    return TreeEdge.load(size, tiles).root().equals(root)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const above = ({ level, index }: TilePlace): TilePlace => ({ level: level + 1, index: Math.floor(index / TILE_WIDTH) })

const tileBytes = ({ index }: TilePlace) => [index * TILE_BYTES, (index + 1) * TILE_BYTES] as const

const hashOfFull = (hashes: Buffer | undefined): Hash | undefined =>
  hashes?.length === TILE_BYTES ? hashAbove(hashes) : undefined

const isSame = (a: TilePlace, b: TilePlace) => a.level === b.level && a.index === b.index
const includes = (places: readonly TilePlace[], place: TilePlace) => places.some((each) => isSame(each, place))
const unique = (places: readonly TilePlace[]): TilePlace[] => [
  ...new Map(places.map((place) => [`${place.level}/${place.index}`, place])).values(),
]

const nameOf = ({ level, index }: TilePlace): string => `tile ${level}/${index} of the tree`

const insertedTile = (place: TilePlace): Finding => ({ kind: 'inserted', about: nameOf(place) })

function alteredTile(place: TilePlace, size: number): Finding {
  const { level, index } = place
  const first = index * TILE_WIDTH ** (level + 1)
  const last = Math.min(first + tileWidth(size, place) * TILE_WIDTH ** level, size) - 1
  return { kind: 'altered', entries: [first, Math.max(first, last)], about: nameOf(place) }
}
