import { EMPTY_ROOT, type Hash, hashNode } from './hash.ts'
import { hashAbove, nodePlace, type TilePlace } from './tiles.ts'

/** The hashes of a stored tile. Rejects where there is none. */
export type ReadTile = (place: TilePlace) => Promise<Uint8Array>

/** The root that the tree had when it was that large (RFC 6962, section 2.1). */
export function rootAt(size: number, read: ReadTile): Promise<Hash> {
  return size === 0 ? Promise.resolve(EMPTY_ROOT) : hashOfRange(0, size, read)
}

/**
 * That the leaf at `index` is in the tree of that size: the hashes beside its path, from the leaf up (RFC 6962,
 * section 2.1.1).
 */
export async function inclusionProof(index: number, size: number, read: ReadTile): Promise<Hash[]> {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size))
    throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`)
  const proof: Hash[] = []
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + leftCount(to - from)
    if (index < middle) {
      proof.push(await hashOfRange(middle, to, read))
      to = middle
    } else {
      proof.push(await hashOfRange(from, middle, read))
      from = middle
    }
  }
  return proof.reverse()
}

/** That a tree only grew from one size to another (RFC 6962, section 2.1.2). */
export async function consistencyProof(size1: number, size2: number, read: ReadTile): Promise<Hash[]> {
  if (!(Number.isSafeInteger(size1) && size1 >= 0 && size1 <= size2))
    throw new RangeError(`A tree of ${size2} leaves never had ${size1}.`)
  if (size1 === 0 || size1 === size2) return []
  const proof: Hash[] = []
  let from = 0
  let to = size2
  while (to !== size1) {
    const middle = from + leftCount(to - from)
    if (size1 <= middle) {
      proof.push(await hashOfRange(middle, to, read))
      to = middle
    } else {
      proof.push(await hashOfRange(from, middle, read))
      from = middle
    }
  }
  // Where what was there before is a whole left part, whoever checks has its hash already.
  if (from > 0) proof.push(await hashOfRange(from, to, read))
  return proof.reverse()
}

/** How many of so many leaves, two or more, lie in the left subtree: the largest power of two below. */
function leftCount(count: number): number {
  let left = 1
  while (left * 2 < count) left *= 2
  return left
}

async function hashOfRange(from: number, to: number, read: ReadTile): Promise<Hash> {
  const count = to - from
  // Rounded, as beyond 2^48 the logarithm of a power's neighbour is that of the power.
  const height = Math.round(Math.log2(count))
  if (2 ** height === count) {
    const { place, start, count: width } = nodePlace(height, from / count)
    return hashAbove(await read(place), start, width)
  }
  const middle = from + leftCount(count)
  return hashNode(await hashOfRange(from, middle, read), await hashOfRange(middle, to, read))
}
