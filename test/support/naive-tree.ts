import { createHash } from 'node:crypto'

/** A leaf's hash from any bytes (RFC 6962, section 2.1). */
export const leafOf = (data: string | Uint8Array): Buffer =>
  createHash('sha256').update(Buffer.of(0)).update(data).digest()

const nodeOf = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()

/** What lies beside a path: on its left, or on its right. */
type Side = 'left' | 'right'

/** The largest power of two smaller than `n`, which is 2 or more (RFC 6962: `k < n <= 2k`). */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** RFC 6962, section 2.1, as it is written there: recursive, over leaf hashes, and easy to believe. */
export class NaiveTree {
  readonly #leaves: readonly Buffer[]
  /** What was computed once: the same range always has the same hash. */
  readonly #known = new Map<string, Buffer>()

  constructor(leaves: readonly Buffer[]) {
    this.#leaves = leaves
  }

  leaf(index: number): Buffer {
    return this.#leaves[index] as Buffer
  }

  /** MTH(D[0:n]) */
  root(size: number): Buffer {
    return size === 0 ? createHash('sha256').digest() : this.range(0, size)
  }

  /** MTH(D[from:to]) */
  range(from: number, to: number): Buffer {
    if (to - from === 1) return this.leaf(from)
    const key = `${from}-${to}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const middle = from + split(to - from)
    const hash = nodeOf(this.range(from, middle), this.range(middle, to))
    this.#known.set(key, hash)
    return hash
  }

  /** The hashes of a tile of a tree of that size (C2SP tlog-tiles): roots of 256^level leaves each. */
  tile(size: number, level: number, index: number): Buffer {
    const span = 256 ** level
    const hashes = []
    for (let n = index * 256; n < (index + 1) * 256 && (n + 1) * span <= size; n++)
      hashes.push(this.range(n * span, (n + 1) * span))
    return Buffer.concat(hashes)
  }

  /** PATH(m, D[from:to]), section 2.1.1. */
  inclusion(m: number, size: number, from = 0): Buffer[] {
    if (size === 1) return []
    const k = split(size)
    return m < k
      ? [...this.inclusion(m, k, from), this.range(from + k, from + size)]
      : [...this.inclusion(m - k, size - k, from + k), this.range(from, from + k)]
  }

  /** PROOF(m, D[n]), section 2.1.2. */
  consistency(m: number, size: number): Buffer[] {
    return m === 0 || m === size ? [] : this.#subproof(m, 0, size, true)
  }

  #subproof(m: number, from: number, size: number, isWhole: boolean): Buffer[] {
    if (m === size) return isWhole ? [] : [this.range(from, from + size)]
    const k = split(size)
    return m <= k
      ? [...this.#subproof(m, from, k, isWhole), this.range(from + k, from + size)]
      : [...this.#subproof(m - k, from + k, size - k, false), this.range(from, from + k)]
  }
}

/** On which side of its path each hash of PATH(m, D[n]) lies. A proof fits another tree if this is the same there. */
export function inclusionShape(m: number, size: number): Side[] {
  if (size === 1) return []
  const k = split(size)
  return m < k ? [...inclusionShape(m, k), 'right'] : [...inclusionShape(m - k, size - k), 'left']
}

/** The same of PROOF(m, D[n]), and whether it starts from the old root or from a hash of its own. */
export function consistencyShape(m: number, size: number, isWhole = true): (Side | 'old root' | 'own')[] {
  if (m === size) return [isWhole ? 'old root' : 'own']
  const k = split(size)
  return m <= k ? [...consistencyShape(m, k, isWhole), 'right'] : [...consistencyShape(m - k, size - k, false), 'left']
}

/** Every leaf of every tree to that size. */
export function* inclusions(largest: number): Generator<[index: number, size: number]> {
  for (let size = 1; size <= largest; size++) for (let index = 0; index < size; index++) yield [index, size]
}

/** Every two sizes, the first one smaller. */
export function* consistencies(largest: number): Generator<[size1: number, size2: number]> {
  for (let size2 = 1; size2 <= largest; size2++) for (let size1 = 1; size1 < size2; size1++) yield [size1, size2]
}
