import { hash } from 'node:crypto'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer

export const HASH_BYTES = 32

// By way of text: a buffer that the engine makes for each hash would cost more than the hash.
const sha256 = (data: string | Uint8Array): Hash => Buffer.from(hash('sha256', data, 'base64'), 'base64')

/** The root of a tree without leaves (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Hash = sha256('')

/** The hash of a leaf, which is told from a node by its first byte (RFC 6962, section 2.1). */
export function hashLeaf(data: string): Hash {
  return sha256(`\0${data}`)
}

/** One input for all nodes: a copy for each would cost as much as the hash. */
const input = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** The hash of a node above two others (RFC 6962, section 2.1). @throws {RangeError} for what is no hash. */
export function hashNode(left: Uint8Array, right: Uint8Array): Hash {
  // A shorter one would leave bytes of the last call in the input.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('A hash has 32 bytes.')
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return sha256(input)
}

/** Puts the hash of the node above pair `number` of hashes that lie one after another in the place of hash `number`. */
export function foldPair(hashes: Buffer, number: number): void {
  const from = number * 2 * HASH_BYTES
  input.set(hashes.subarray(from, from + 2 * HASH_BYTES), 1)
  hashes.write(hash('sha256', input, 'base64'), number * HASH_BYTES, 'base64')
}
