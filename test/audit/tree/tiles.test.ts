import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rootAt } from '../../../src/audit/tree/proofs.ts'
import { edgeTiles, nodePlace, TreeEdge, tileWidth } from '../../../src/audit/tree/tiles.ts'
import { KeptTiles } from '../../support/kept-tiles.ts'
import { LARGE_TREE } from '../../support/large-tree.ts'
import { NaiveTree } from '../../support/naive-tree.ts'

const LARGEST = 2000
const leaves = LARGE_TREE.leaves.slice(0, LARGEST)
const naive = new NaiveTree(leaves)
const sizes = Array.from({ length: LARGEST + 1 }, (_, size) => size)

/** The tiles that are not what the RFC and tlog-tiles define. */
function different(kept: KeptTiles, tree: NaiveTree, size: number): string[] {
  const wrong = kept.all().filter(({ level, index, hashes }) => !tree.tile(size, level, index).equals(hashes))
  return wrong.map(({ level, index }) => `${level}/${index}`)
}

describe('a tree that grows', () => {
  test('leaf by leaf it has the root that the RFC defines at every size to 2,000', () => {
    const edge = TreeEdge.load(0, [])
    const wrong = sizes.filter((size) => {
      if (size > 0) edge.append(leaves.slice(size - 1, size))
      return edge.size !== size || !edge.root().equals(naive.root(size))
    })
    expect(wrong).toEqual([])
  })

  test('in batches of any size, and loaded again from its tiles at any moment, it has the same roots and tiles', () => {
    const step = fc.record({ count: fc.oneof(fc.nat(20), fc.nat(600)), reloads: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const kept = new KeptTiles()
        let edge = TreeEdge.load(0, [])
        for (const { count, reloads } of steps) {
          kept.keep(edge.append(leaves.slice(edge.size, edge.size + count)))
          if (reloads) edge = kept.load(edge.size)
          expect(edge.root().equals(naive.root(edge.size))).toBe(true)
        }
        expect(different(kept, naive, edge.size)).toEqual([])
        expect(kept.all()).toHaveLength(Math.ceil(edge.size / 256) + (edge.size >= 256 ? 1 : 0))
      }),
      { numRuns: 100 },
    )
  })

  test('loaded at every size to 2,000 it goes on as if it had never stopped', () => {
    const kept = new KeptTiles()
    const edge = TreeEdge.load(0, [])
    const wrong = sizes.slice(1).filter((size) => {
      kept.keep(edge.append(leaves.slice(size - 1, size)))
      const loaded = kept.load(size)
      const isSame = loaded.size === size && loaded.root().equals(naive.root(size))
      loaded.append(leaves.slice(size, size + 3))
      return !isSame || !loaded.root().equals(naive.root(Math.min(size + 3, LARGEST)))
    })
    expect(wrong).toEqual([])
  })

  test('its root at every older size can be read from the tiles it has now', async () => {
    const { read } = KeptTiles.of(leaves)
    const wrong = []
    for (const size of sizes) if (!(await rootAt(size, read)).equals(naive.root(size))) wrong.push(size)
    expect(wrong).toEqual([])
  })

  test('what it gave away is not changed by what it does next', () => {
    const edge = TreeEdge.load(0, [])
    const tiles = edge.append(leaves.slice(0, 300))
    const before = tiles.map(({ hashes }) => Buffer.from(hashes))
    edge.append(leaves.slice(300, 700))
    expect(tiles.map(({ hashes }) => hashes)).toEqual(before)
  })

  test('appending nothing changes nothing', () => {
    const edge = TreeEdge.load(0, [])
    edge.append(leaves.slice(0, 256))
    expect(edge.append([])).toEqual([])
    expect(edge.root()).toEqual(naive.root(256))
  })
})

describe('a tree of more than 65,536 leaves', () => {
  const { leaves: many, naive: large, kept } = LARGE_TREE

  test('has three levels of tiles, each what the RFC and tlog-tiles define', () => {
    expect(Math.max(...kept.all().map(({ level }) => level))).toBe(2)
    expect(kept.all()).toHaveLength(258 + 2 + 1)
    expect(different(kept, large, many.length)).toEqual([])
  })

  test.each([65_535, 65_536, 65_537, 65_792, 65_999, 66_000])('has its root at size %i', async (size) => {
    expect(await rootAt(size, kept.read)).toEqual(large.root(size))
  })

  test.each([65_536, 65_537, 65_792, 65_793])('of which %i are loaded grows to the same root and tiles', (size) => {
    const older = KeptTiles.of(many.slice(0, size))
    const edge = older.load(size)
    expect(edge.root()).toEqual(large.root(size))
    older.keep(edge.append(many.slice(size)))
    expect(edge.root()).toEqual(large.root(many.length))
    expect(older.all()).toHaveLength(kept.all().length)
    expect(different(older, large, many.length)).toEqual([])
  })
})

describe('loading a tree', () => {
  const kept = KeptTiles.of(leaves.slice(0, 600))

  test('reads over hashes that came later', () => {
    expect(TreeEdge.load(300, kept.all()).root()).toEqual(naive.root(300))
  })

  test.each(edgeTiles(600).map(({ level, index }) => [level, index]))('refuses without tile %i/%i', (level, index) => {
    const others = kept.all().filter((tile) => tile.level !== level || tile.index !== index)
    expect(() => TreeEdge.load(600, others)).toThrow(RangeError)
  })

  test.each(edgeTiles(600).map(({ level, index, width }) => [level, index, width * 32]))(
    'refuses tile %i/%i if it has fewer than %i bytes',
    (level, index, bytes) => {
      const cut = kept
        .all()
        .map((tile) =>
          tile.level === level && tile.index === index ? { ...tile, hashes: tile.hashes.subarray(0, bytes - 1) } : tile,
        )
      expect(() => TreeEdge.load(600, cut)).toThrow(RangeError)
    },
  )

  test('refuses a tile whose only hash is cut', async () => {
    expect(() => TreeEdge.load(1, [{ level: 0, index: 0, hashes: Buffer.alloc(31) }])).toThrow(RangeError)
    await expect(rootAt(1, async () => Buffer.alloc(31))).rejects.toThrow(RangeError)
  })

  test('a proof does not read beyond a tile that is too short', async () => {
    await expect(rootAt(3, async () => Buffer.alloc(95))).rejects.toThrow(RangeError)
  })
})

describe('where a hash is kept', () => {
  test('the widths of tiles are those of the naive tree', () => {
    for (const size of [0, 1, 255, 256, 257, 511, 512, 1999])
      for (const level of [0, 1, 2])
        for (const index of [0, 1, 2, 7, 8])
          expect({ size, level, index, width: tileWidth(size, { level, index }) }).toEqual({
            size,
            level,
            index,
            width: naive.tile(size, level, index).length / 32,
          })
  })

  test('the edge names the tiles that are not full, and how full they are', () => {
    expect(edgeTiles(0)).toEqual([])
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }])
    expect(edgeTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ])
  })

  test('every node is above the hashes of one tile', () => {
    expect(nodePlace(0, 257)).toEqual({ place: { level: 0, index: 1 }, start: 1, count: 1 })
    expect(nodePlace(7, 3)).toEqual({ place: { level: 0, index: 1 }, start: 128, count: 128 })
    expect(nodePlace(8, 257)).toEqual({ place: { level: 1, index: 1 }, start: 1, count: 1 })
    expect(nodePlace(17, 5)).toEqual({ place: { level: 2, index: 0 }, start: 10, count: 2 })
  })
})
