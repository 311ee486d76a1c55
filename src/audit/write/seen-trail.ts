import { ChatwardenError } from '../../kernel/errors.ts'
import type { Reader } from '../../storage/contract.ts'
import { type Checkpoint, unverifiedCheckpoint, unverifiedHead } from '../tree/checkpoint.ts'
import { consistencyProof } from '../tree/proofs.ts'
import { verifyConsistency } from '../tree/verify-proofs.ts'
import { readerOf, tilesAround } from './proved-entries.repository.ts'
import { type Head, readHead } from './trail.repository.ts'

type Raw = Pick<Reader, '$queryRaw' | 'dialect'>

/**
 * What is in the database has to be what this process has seen of the trail, or more of it: behind the same address there may
 * be an older state by now, after a failover or a restore, and whatever was acknowledged since would be gone unseen.
 */
export class SeenTrail {
  /** The checkpoint of the last head that was committed, as far as this process knows. */
  #checkpoint: string | undefined

  /** @param checkpoint of a head that is committed; empty for a trail without entries. */
  saw(checkpoint: string): void {
    this.#checkpoint = checkpoint
  }

  /** Looks while nothing is appended. @returns the checkpoint of the head. @throws {ChatwardenError} `DATABASE_REPLACED` */
  async look(reader: Raw): Promise<string> {
    // Before the head is read, which may be without what is committed meanwhile.
    const seen = this.#checkpoint
    const head = await readHead(reader)
    this.#checkpoint ??= head.checkpoint
    if (seen === undefined || seen === head.checkpoint) return head.checkpoint
    this.requireNotShorter(head, seen)
    const present = unverifiedCheckpoint(head.checkpoint)
    if (present !== undefined) await this.requireGrown(reader, present, seen)
    return head.checkpoint
  }

  /** @throws {ChatwardenError} `DATABASE_REPLACED` where the trail ends before what was seen. */
  requireNotShorter({ size }: Pick<Head, 'size'>, seen = this.#checkpoint): void {
    const before = unverifiedHead(seen ?? '')
    if (size < before.size)
      throw replaced(`It ends after ${size} entries, and this process has seen ${before.size} of them.`)
  }

  /**
   * @throws {ChatwardenError} `DATABASE_REPLACED` where the tree is not what was seen, grown. @throws {RangeError} where it
   * can't be read.
   */
  async requireGrown(db: Raw, { size, root }: Pick<Checkpoint, 'size' | 'root'>, seen = this.#checkpoint) {
    const before = unverifiedHead(seen ?? '')
    const around = [before.size - 1, before.size].filter((seq) => seq >= 0 && seq < size)
    const isRead = before.size > 0 && before.size < size
    const read = readerOf(isRead ? await tilesAround(db, around, size) : [])
    const proof = await consistencyProof(before.size, size, read)
    if (!verifyConsistency(before.size, size, before.root, root, proof))
      throw replaced(`Its first ${before.size} entries are others than this process has seen.`)
  }
}

const replaced = (what: string): ChatwardenError =>
  new ChatwardenError(
    'DATABASE_REPLACED',
    `The trail in DATABASE_URL is not the one that was written to: an older or another database is there. ${what} Where the right one comes back, the bot goes on by itself; else stop it and restore a backup.`,
  )
