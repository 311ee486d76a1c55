import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_ROOT, hashNode } from '../../../src/audit/tree/hash.ts'
import { consistencyProof, inclusionProof, rootAt } from '../../../src/audit/tree/proofs.ts'
import { TILE_WIDTH } from '../../../src/audit/tree/tiles.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/audit/tree/verify-proofs.ts'
import { KeptTiles } from '../../support/kept-tiles.ts'
import { LARGE_TREE } from '../../support/large-tree.ts'
import { consistencies, consistencyShape, inclusionShape, inclusions, leafOf } from '../../support/naive-tree.ts'
import { takenConsistencies, takenInclusions } from '../../support/proof-changes.ts'

const EXHAUSTIVE = 64
const LARGEST = LARGE_TREE.leaves.length

const { leaves, naive, kept: large } = LARGE_TREE
const smalls = Array.from({ length: EXHAUSTIVE + 1 }, (_, size) => KeptTiles.of(leaves.slice(0, size)))
const small = (size: number): KeptTiles => smalls[size] as KeptTiles

const isSame = (a: readonly Buffer[], b: readonly Buffer[]): boolean => Buffer.concat(a).equals(Buffer.concat(b))

const indexIn = fc
  .integer({ min: 1, max: LARGEST })
  .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)))
const sizesIn = fc
  .integer({ min: 2, max: LARGEST })
  .chain((size) => fc.tuple(fc.integer({ min: 1, max: size - 1 }), fc.constant(size)))

describe('an inclusion proof', () => {
  test('is the one of the RFC and is taken, for every leaf of every size to 64', async () => {
    const wrong = []
    for (const [index, size] of inclusions(EXHAUSTIVE)) {
      const proof = await inclusionProof(index, size, small(size).read)
      const isTaken = verifyInclusion(naive.leaf(index), index, size, proof, naive.root(size))
      if (!isTaken || !isSame(proof, naive.inclusion(index, size))) wrong.push([index, size])
    }
    expect(wrong).toEqual([])
  })

  test('is the same when it is read from the tiles of a larger tree', async () => {
    const wrong = []
    for (const [index, size] of inclusions(EXHAUSTIVE))
      if (!isSame(await inclusionProof(index, size, large.read), naive.inclusion(index, size)))
        wrong.push([index, size])
    expect(wrong).toEqual([])
    const property = fc.asyncProperty(indexIn, async ([index, size]) => {
      const proof = await inclusionProof(index, size, large.read)
      const isTaken = verifyInclusion(naive.leaf(index), index, size, proof, naive.root(size))
      return isTaken && isSame(proof, naive.inclusion(index, size))
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('is refused with any bit changed, shortened or lengthened, at every size to 6', () => {
    const taken = [...inclusions(6)].filter(([index, size]) => takenInclusions(naive, index, size) > 0)
    expect(taken).toEqual([])
  })

  test('is refused with any bit changed, shortened or lengthened, at sizes to 66,000', () => {
    fc.assert(
      fc.property(indexIn, ([index, size]) => takenInclusions(naive, index, size) === 0),
      { numRuns: 4 },
    )
  })

  // A root does not say how large its tree is: only a signed checkpoint binds the two.
  test('is taken for another leaf or size only where the path has the same sides, at every size to 20', () => {
    const wrong = []
    const others = [...inclusions(24)].map((pair) => [pair, `${inclusionShape(...pair)}`] as const)
    for (const [index, size] of inclusions(20)) {
      const [leaf, root, proof] = [naive.leaf(index), naive.root(size), naive.inclusion(index, size)]
      const shape = `${inclusionShape(index, size)}`
      for (const [other, otherShape] of others) {
        const isTaken = verifyInclusion(leaf, ...other, proof, root)
        if (isTaken !== (otherShape === shape)) wrong.push([index, size, other])
        if (isTaken && other[1] === size && other[0] !== index) wrong.push([index, size, other])
      }
    }
    expect(wrong).toEqual([])
  })

  test.each([
    [-1, 4],
    [4, 4],
    [5, 4],
    [0, 0],
    [0.5, 4],
    [Number.NaN, 4],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
  ])('is refused for leaf %d of %d', (index, size) => {
    expect(verifyInclusion(naive.leaf(0), index, size, naive.inclusion(0, 4), naive.root(4))).toBe(false)
  })

  test.each([
    [-1, 4],
    [4, 4],
    [0, 0],
    [0.5, 4],
    [Number.NaN, 4],
  ])('is not made for leaf %d of %d', async (index, size) => {
    await expect(inclusionProof(index, size, large.read)).rejects.toThrow(RangeError)
  })

  test('does not take what was hashed last for a hash that is empty', () => {
    const [left, right] = [naive.leaf(0), naive.leaf(1)]
    const root = hashNode(left, right)
    expect(verifyInclusion(left, 0, 2, [Buffer.alloc(0)], root)).toBe(false)
    expect(verifyInclusion(Buffer.alloc(0), 1, 2, [left], root)).toBe(false)
  })
})

describe('a consistency proof', () => {
  test('is the one of the RFC and is taken, for every two sizes to 64', async () => {
    const wrong = []
    for (const [size1, size2] of consistencies(EXHAUSTIVE)) {
      const proof = await consistencyProof(size1, size2, small(size2).read)
      const isTaken = verifyConsistency(size1, size2, naive.root(size1), naive.root(size2), proof)
      if (!isTaken || !isSame(proof, naive.consistency(size1, size2))) wrong.push([size1, size2])
    }
    expect(wrong).toEqual([])
  })

  test('is the same when it is read from the tiles of a larger tree', async () => {
    const property = fc.asyncProperty(sizesIn, async ([size1, size2]) => {
      const proof = await consistencyProof(size1, size2, large.read)
      const isTaken = verifyConsistency(size1, size2, naive.root(size1), naive.root(size2), proof)
      return isTaken && isSame(proof, naive.consistency(size1, size2))
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('is refused with any bit changed, shortened or lengthened, at every two sizes to 6', () => {
    const taken = [...consistencies(6)].filter(([size1, size2]) => takenConsistencies(naive, size1, size2) > 0)
    expect(taken).toEqual([])
  })

  test('is refused with any bit changed, shortened or lengthened, at sizes to 66,000', () => {
    fc.assert(
      fc.property(sizesIn, ([size1, size2]) => takenConsistencies(naive, size1, size2) === 0),
      { numRuns: 4 },
    )
  })

  test('is taken for other sizes only where it has the same parts, at every two sizes to 16', () => {
    const wrong = []
    const others = [...consistencies(20)].map((pair) => [pair, `${consistencyShape(...pair)}`] as const)
    for (const [size1, size2] of consistencies(16)) {
      const [root1, root2, proof] = [naive.root(size1), naive.root(size2), naive.consistency(size1, size2)]
      const shape = `${consistencyShape(size1, size2)}`
      for (const [other, otherShape] of others) {
        const isTaken = verifyConsistency(...other, root1, root2, proof)
        if (isTaken !== (otherShape === shape)) wrong.push([size1, size2, other])
      }
    }
    expect(wrong).toEqual([])
  })

  test('from nothing, or to the same size, has no hashes', async () => {
    const [root, other] = [naive.root(5), naive.root(6)]
    expect(await consistencyProof(0, 5, large.read)).toEqual([])
    expect(await consistencyProof(5, 5, large.read)).toEqual([])
    expect(verifyConsistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])).toBe(true)
    expect(verifyConsistency(0, 5, EMPTY_ROOT, root, [])).toBe(true)
    expect(verifyConsistency(5, 5, root, root, [])).toBe(true)
    expect(verifyConsistency(0, 5, other, root, [])).toBe(false)
    expect(verifyConsistency(0, 5, EMPTY_ROOT, root, [root])).toBe(false)
    expect(verifyConsistency(5, 5, other, root, [])).toBe(false)
    expect(verifyConsistency(5, 5, root, root, [root])).toBe(false)
    expect(verifyConsistency(0, 0, root, root, [])).toBe(false)
    expect(verifyConsistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [root])).toBe(false)
  })

  test('that is empty proves no growth', () => {
    for (const [size1, size2] of consistencies(16)) {
      expect(verifyConsistency(size1, size2, naive.root(size1), naive.root(size2), [])).toBe(false)
      expect(verifyConsistency(size1, size2, naive.root(size1), naive.root(size1), [])).toBe(false)
    }
  })

  test.each([
    [-1, 4],
    [5, 4],
    [0.5, 4],
    [Number.NaN, 4],
    [3, Number.NaN],
  ])('is neither made nor taken from %d to %d', async (size1, size2) => {
    await expect(consistencyProof(size1, size2, large.read)).rejects.toThrow(RangeError)
    expect(verifyConsistency(size1, size2, naive.root(3), naive.root(4), naive.consistency(3, 4))).toBe(false)
  })
})

// Where all leaves are the same, a node is known by its height, so trees of any size can be made up.
describe('in trees as large as numbers go', () => {
  const full: Buffer[] = [leafOf('')]
  for (let height = 1; height < 64; height++) {
    const half = full[height - 1] as Buffer
    full.push(hashNode(half, half))
  }
  const tiles = full.filter((_, height) => height % 8 === 0).map((hash) => Buffer.alloc(TILE_WIDTH * 32, hash))
  const read = async ({ level }: { level: number }): Promise<Buffer> => tiles[level] as Buffer

  const safe = fc.oneof(
    fc.maxSafeNat(),
    fc.tuple(fc.integer({ min: 1, max: 52 }), fc.integer({ min: -1, max: 2 })).map(([n, more]) => 2 ** n + more),
  )
  const ordered = fc
    .tuple(safe, safe)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .filter(([a, b]) => a > 0 && b < 2 ** 53)

  test('proofs are made and taken', async () => {
    const property = fc.asyncProperty(ordered, async ([a, b]) => {
      const [root1, root2] = [await rootAt(a, read), await rootAt(b, read)]
      const inclusion = await inclusionProof(a - 1, b, read)
      expect(verifyInclusion(leafOf(''), a - 1, b, inclusion, root2)).toBe(true)
      const consistency = await consistencyProof(a, b, read)
      expect(verifyConsistency(a, b, root1, root2, consistency)).toBe(true)
    })
    const examples = [[[2 ** 49 + 1, 2 ** 49 + 2]], [[2 ** 52 + 1, 2 ** 53 - 1]]] as [readonly [number, number]][]
    await fc.assert(property, { numRuns: 100, examples })
  })
})
