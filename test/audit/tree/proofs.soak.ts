import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consistencyProof, inclusionProof } from '../../../src/audit/tree/proofs.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/audit/tree/verify-proofs.ts'
import { KeptTiles } from '../../support/kept-tiles.ts'
import {
  consistencies,
  consistencyShape,
  inclusionShape,
  inclusions,
  leafOf,
  NaiveTree,
} from '../../support/naive-tree.ts'
import { takenConsistencies, takenInclusions } from '../../support/proof-changes.ts'

// A shortened round looks at smaller trees: the work grows with the fourth power.
const IS_SHORT = process.env.SOAK_ROUNDS !== undefined
const SIZE = IS_SHORT ? 24 : 64
const LARGEST = IS_SHORT ? 100_000 : 1_000_000
const leaves = Array.from({ length: LARGEST }, (_, n) => leafOf(`leaf ${n}`))
const naive = new NaiveTree(leaves)

// What the tests beside this file do for smaller trees.
describe(`every tree to size ${SIZE}`, () => {
  test('has no inclusion proof that is taken with any bit changed', () => {
    expect([...inclusions(SIZE)].filter(([index, size]) => takenInclusions(naive, index, size) > 0)).toEqual([])
  })

  test('has no consistency proof that is taken with any bit changed', () => {
    expect([...consistencies(SIZE)].filter(([size1, size2]) => takenConsistencies(naive, size1, size2) > 0)).toEqual([])
  })

  test('has no inclusion proof that is taken for another leaf or size whose path has other sides', () => {
    const shapes = [...inclusions(SIZE + 8)].map((pair) => ({ pair, shape: `${inclusionShape(...pair)}` }))
    let wrong = 0
    for (const [index, size] of inclusions(SIZE)) {
      const [leaf, root, proof] = [naive.leaf(index), naive.root(size), naive.inclusion(index, size)]
      const own = `${inclusionShape(index, size)}`
      for (const { pair, shape } of shapes) if (verifyInclusion(leaf, ...pair, proof, root) !== (shape === own)) wrong++
    }
    expect(wrong).toBe(0)
  })

  test('has no consistency proof that is taken for sizes whose proof has other parts', () => {
    const shapes = [...consistencies(SIZE + 8)].map((pair) => ({ pair, shape: `${consistencyShape(...pair)}` }))
    let wrong = 0
    for (const [size1, size2] of consistencies(SIZE)) {
      const [root1, root2, proof] = [naive.root(size1), naive.root(size2), naive.consistency(size1, size2)]
      const own = `${consistencyShape(size1, size2)}`
      for (const { pair, shape } of shapes)
        if (verifyConsistency(...pair, root1, root2, proof) !== (shape === own)) wrong++
    }
    expect(wrong).toBe(0)
  })
})

describe(`trees to ${LARGEST.toLocaleString('en')} leaves`, () => {
  const { read } = KeptTiles.of(leaves)
  const sizes = fc
    .integer({ min: 2, max: LARGEST })
    .chain((size) => fc.tuple(fc.integer({ min: 1, max: size - 1 }), fc.constant(size)))

  test('have the proofs of the RFC, and no other is taken', async () => {
    const property = fc.asyncProperty(sizes, async ([smaller, size]) => {
      const [root, leaf] = [naive.root(size), naive.leaf(smaller)]
      const inclusion = await inclusionProof(smaller, size, read)
      expect(inclusion).toEqual(naive.inclusion(smaller, size))
      expect(verifyInclusion(leaf, smaller, size, inclusion, root)).toBe(true)
      const consistency = await consistencyProof(smaller, size, read)
      expect(consistency).toEqual(naive.consistency(smaller, size))
      expect(verifyConsistency(smaller, size, naive.root(smaller), root, consistency)).toBe(true)
      expect(takenInclusions(naive, smaller, size)).toBe(0)
      expect(takenConsistencies(naive, smaller, size)).toBe(0)
    })
    await fc.assert(property, { numRuns: 20 })
  })
})
