import { EMPTY_ROOT, foldPair, HASH_BYTES, type Hash, hashNode } from './hash.ts'

/** How many levels of the tree one tile spans (C2SP tlog-tiles, "Merkle Tree"). */
const TILE_HEIGHT = 8
/** How many hashes a full tile holds. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT

/** Where a tile lies: level 0 holds the leaves, level n the roots of full tiles of level n - 1. */
export interface TilePlace {
  readonly level: number
  readonly index: number
}

export interface Tile extends TilePlace {
  /** 1 to 256 hashes of 32 bytes, one after another. */
  readonly hashes: Uint8Array
}

/** The tiles at the right edge of a tree of that size, and how many hashes each holds: 1 to 255. */
export function edgeTiles(size: number): (TilePlace & { readonly width: number })[] {
  const tiles = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    if (width > 0) tiles.push({ level, index: Math.floor(count / TILE_WIDTH), width })
  }
  return tiles
}

/** How many hashes the tile at that place holds in a tree of that size. */
export function tileWidth(size: number, { level, index }: TilePlace): number {
  const count = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH
  return Math.min(Math.max(count, 0), TILE_WIDTH)
}

/** The hash above `count` hashes of a tile, a power of two, from number `start` on. */
export function hashAbove(hashes: Uint8Array, start = 0, count = hashes.length / HASH_BYTES): Hash {
  const level = Buffer.from(hashes.subarray(start * HASH_BYTES, (start + count) * HASH_BYTES))
  if (level.length < count * HASH_BYTES) throw new RangeError('A tile is shorter than the tree needs it.')
  // Level by level in one buffer: a call for each node takes as long as its hash.
  for (let nodes = count / 2; nodes >= 1; nodes /= 2) for (let node = 0; node < nodes; node++) foldPair(level, node)
  return level.subarray(0, HASH_BYTES)
}

/** A node of the tree by its height (leaves have 0) and its number at that height, from the tile that holds it. */
export function nodePlace(height: number, number: number): { place: TilePlace; start: number; count: number } {
  const level = Math.floor(height / TILE_HEIGHT)
  const count = 2 ** (height % TILE_HEIGHT)
  const first = number * count
  return { place: { level, index: Math.floor(first / TILE_WIDTH) }, start: first % TILE_WIDTH, count }
}

/** The right edge of a growing tree: all that is needed to add leaves and to know the root. */
export class TreeEdge {
  #size: number
  /** The roots of the full subtrees that make up the tree, by their height. */
  readonly #peaks: (Hash | undefined)[] = []
  /** The tile in progress of each level. */
  readonly #open: Buffer[] = []
  /** What has changed since it was last asked for: tiles that were filled, and levels. */
  #full: Tile[] = []
  readonly #touched = new Set<number>()

  private constructor(size: number) {
    this.#size = size
  }

  /**
   * @param tiles what `edgeTiles(size)` names; hashes beyond that are passed over.
   * @throws {RangeError} if one is missing or too short.
   */
  static load(size: number, tiles: readonly Tile[]): TreeEdge {
    const edge = new TreeEdge(size)
    for (const { level, index, width } of edgeTiles(size)) {
      const tile = tiles.find((tile) => tile.level === level && tile.index === index)
      if (tile === undefined) throw new RangeError(`Tile ${level}/${index} is missing.`)
      edge.#tile(level).set(tile.hashes.subarray(0, width * HASH_BYTES))
      let start = 0
      for (let height = TILE_HEIGHT - 1; height >= 0; height--) {
        const count = 2 ** height
        if ((width & count) === 0) continue
        edge.#peaks[level * TILE_HEIGHT + height] = hashAbove(tile.hashes, start, count)
        start += count
      }
    }
    return edge
  }

  get size(): number {
    return this.#size
  }

  root(): Hash {
    let root: Hash | undefined
    for (const peak of this.#peaks) if (peak !== undefined) root = root === undefined ? peak : hashNode(peak, root)
    return root ?? EMPTY_ROOT
  }

  /** Adds leaves, given by their hashes. @returns the tiles that have changed, as they are now. */
  append(leaves: readonly Hash[]): Tile[] {
    for (const leaf of leaves) this.add(leaf)
    return this.takeChanged()
  }

  /** Adds a leaf, given by its hash. */
  add(leaf: Hash): void {
    let node = leaf
    for (let height = 0, number = this.#size; ; height++, number = (number - 1) / 2) {
      if (height % TILE_HEIGHT === 0) this.#put(height / TILE_HEIGHT, number, node)
      const left = this.#peaks[height]
      if (left === undefined) {
        this.#peaks[height] = node
        break
      }
      this.#peaks[height] = undefined
      node = hashNode(left, node)
    }
    this.#size++
  }

  /** The tiles that have changed since this was last asked, as they are now. */
  takeChanged(): Tile[] {
    const partial = edgeTiles(this.#size).filter(({ level }) => this.#touched.has(level))
    const changed = [
      ...this.#full,
      ...partial.map(({ level, index, width }) => ({
        level,
        index,
        hashes: Buffer.from(this.#tile(level).subarray(0, width * HASH_BYTES)),
      })),
    ]
    this.#full = []
    this.#touched.clear()
    return changed
  }

  #put(level: number, number: number, node: Hash): void {
    const tile = this.#tile(level)
    tile.set(node, (number % TILE_WIDTH) * HASH_BYTES)
    this.#touched.add(level)
    if (number % TILE_WIDTH === TILE_WIDTH - 1)
      this.#full.push({ level, index: Math.floor(number / TILE_WIDTH), hashes: Buffer.from(tile) })
  }

  #tile(level: number): Buffer {
    let tile = this.#open[level]
    if (tile === undefined) {
      tile = Buffer.alloc(TILE_WIDTH * HASH_BYTES)
      this.#open[level] = tile
    }
    return tile
  }
}

/** The tile that has a leaf. */
export const tileOfLeaf = (index: number): TilePlace => ({ level: 0, index: Math.floor(index / TILE_WIDTH) })

/** The hash of a leaf in its tile; empty or too short where the tile ends before. */
export function leafIn(tile: Uint8Array, index: number): Uint8Array {
  const at = (index % TILE_WIDTH) * HASH_BYTES
  return tile.subarray(at, at + HASH_BYTES)
}
