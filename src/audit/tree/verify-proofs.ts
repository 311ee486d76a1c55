import { EMPTY_ROOT, HASH_BYTES, type Hash, hashNode } from './hash.ts'

const isOdd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)
/** Rounded, as beyond 2^48 the logarithm of a power's neighbour is that of the power. */
const isPowerOfTwo = (n: number): boolean => 2 ** Math.round(Math.log2(n)) === n
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every(({ length }) => length === HASH_BYTES)

/** Whether a proof shows that the leaf is in the tree (RFC 9162, section 2.1.3.2, which is that of RFC 6962 in steps). */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if (!areHashes([leaf, root, ...proof])) return false
  let [number, last, hash] = [index, size - 1, leaf]
  for (const beside of proof) {
    if (last === 0) return false
    if (isOdd(number) || number === last) {
      hash = hashNode(beside, hash)
      while (!isOdd(number) && number !== 0) [number, last] = [half(number), half(last)]
    } else hash = hashNode(hash, beside)
    ;[number, last] = [half(number), half(last)]
  }
  return last === 0 && hash.equals(root)
}

/** Whether a proof shows that the second tree is the first one, grown (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Hash,
  root2: Hash,
  proof: readonly Hash[],
): boolean {
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2) || size1 < 0 || size1 > size2) return false
  if (!areHashes([root1, root2, ...proof]) || (size1 === 0 && !root1.equals(EMPTY_ROOT))) return false
  if (size1 === size2) return proof.length === 0 && root1.equals(root2)
  if (size1 === 0) return proof.length === 0
  const [first, ...rest] = isPowerOfTwo(size1) ? [root1, ...proof] : proof
  if (first === undefined) return false
  let [number, last] = [size1 - 1, size2 - 1]
  while (isOdd(number)) [number, last] = [half(number), half(last)]
  let [hash1, hash2] = [first, first]
  for (const beside of rest) {
    if (last === 0) return false
    if (isOdd(number) || number === last) {
      hash1 = hashNode(beside, hash1)
      hash2 = hashNode(beside, hash2)
      while (!isOdd(number) && number !== 0) [number, last] = [half(number), half(last)]
    } else hash2 = hashNode(hash2, beside)
    ;[number, last] = [half(number), half(last)]
  }
  return last === 0 && hash1.equals(root1) && hash2.equals(root2)
}
