import { verifyConsistency, verifyInclusion } from '../../src/audit/tree/verify-proofs.ts'
import type { NaiveTree } from './naive-tree.ts'

function* flippedBits(hash: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < hash.length * 8; bit++) {
    const changed = Buffer.from(hash)
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    yield changed
  }
}

/** The proof with one bit of one hash changed, one hash fewer, one twice, two swapped, or one more at either end. */
function* changedProofs(proof: readonly Buffer[], more: readonly Buffer[]): Generator<Buffer[]> {
  for (const [n, hash] of proof.entries()) {
    for (const changed of flippedBits(hash)) yield proof.with(n, changed)
    yield proof.toSpliced(n, 1)
    yield proof.toSpliced(n, 0, hash)
    yield proof.with(n, hash.subarray(0, 31))
    yield proof.with(n, Buffer.concat([hash, Buffer.of(0)]))
    const next = proof[n + 1]
    if (next !== undefined) yield proof.with(n, next).with(n + 1, hash)
  }
  for (const hash of more) {
    yield [...proof, hash]
    yield [hash, ...proof]
  }
}

/** How often an inclusion proof that was changed in any of these ways is taken. */
export function takenInclusions(tree: NaiveTree, index: number, size: number): number {
  const [leaf, root, proof] = [tree.leaf(index), tree.root(size), tree.inclusion(index, size)]
  let taken = 0
  for (const changed of flippedBits(leaf)) if (verifyInclusion(changed, index, size, proof, root)) taken++
  for (const changed of flippedBits(root)) if (verifyInclusion(leaf, index, size, proof, changed)) taken++
  for (const changed of changedProofs(proof, [leaf, root, Buffer.alloc(0)]))
    if (verifyInclusion(leaf, index, size, changed, root)) taken++
  return taken
}

/** The same for a consistency proof from one size to a larger one. */
export function takenConsistencies(tree: NaiveTree, size1: number, size2: number): number {
  const [root1, root2, proof] = [tree.root(size1), tree.root(size2), tree.consistency(size1, size2)]
  let taken = 0
  for (const changed of flippedBits(root1)) if (verifyConsistency(size1, size2, changed, root2, proof)) taken++
  for (const changed of flippedBits(root2)) if (verifyConsistency(size1, size2, root1, changed, proof)) taken++
  if (verifyConsistency(size1, size2, root2, root1, proof)) taken++
  for (const changed of changedProofs(proof, [root1, root2, Buffer.alloc(0)]))
    if (verifyConsistency(size1, size2, root1, root2, changed)) taken++
  return taken
}
