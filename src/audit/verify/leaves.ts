import { HASH_BYTES } from '../tree/hash.ts'
import { leafIn, tileOfLeaf } from '../tree/tiles.ts'
import type { StoredEntry, StoredTrail } from './stored-trail.repository.ts'

/** What was signed at each place of the tree, as far as its tiles are there. */
export class Leaves {
  readonly #stored: StoredTrail
  readonly #written: number
  #tile: { readonly index: number; readonly hashes: Buffer } = { index: -1, hashes: Buffer.alloc(0) }

  /** `written`: how many entries there are by the head or the tiles. */
  constructor(stored: StoredTrail, written: number) {
    this.#stored = stored
    this.#written = written
  }

  /**
   * By what an entry is known to be what was signed at its place: by its leaf in the tree; or, where that is lost, which is
   * found elsewhere, by the hash that stands in its row, which proves nothing. `undefined` where it is not.
   */
  async proofOf({ seq, leaf, storedLeaf }: StoredEntry): Promise<'leaf' | 'row' | undefined> {
    if (seq < 0) return undefined
    const place = tileOfLeaf(seq)
    if (place.index !== this.#tile.index) this.#tile = { ...place, hashes: await this.#stored.tile(place) }
    const signed = leafIn(this.#tile.hashes, seq)
    if (signed.length === HASH_BYTES) return leaf.equals(signed) ? 'leaf' : undefined
    return seq < this.#written && leaf.equals(storedLeaf) ? 'row' : undefined
  }
}
