import type { Clock } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Reader, Snapshot } from '../../storage/contract.ts'
import { type Checkpoint, parseCheckpoint, unverifiedHead } from '../tree/checkpoint.ts'
import { leafHash, leafRecord } from '../tree/leaf.ts'
import { readNote, type Verifier } from '../tree/note.ts'
import { inclusionProof } from '../tree/proofs.ts'
import { formatTlogProof } from '../tree/tlog-proof.ts'
import { verifyInclusion } from '../tree/verify-proofs.ts'
import { readerOf, tilesAround } from '../write/proved-entries.repository.ts'
import type { SigningKey } from '../write/signing-key.ts'
import { readHead } from '../write/trail.repository.ts'
import { provableEntry } from './proof.repository.ts'
import type { Replay } from './replay.ts'
import { type Verification, verify } from './verify.ts'

interface Parts {
  readonly reader: Pick<Reader, '$queryRaw' | 'dialect'>
  readonly key: SigningKey
  readonly clock: Clock
  openSnapshot(): Promise<Snapshot>
  /** Fresh ones: each is for one verification. */
  replays(): readonly Replay[]
}

/** Proof of an entry, to be checked by anybody, without the database. */
export interface EntryProof {
  readonly seq: number
  readonly id: string
  readonly action: string
  /** C2SP tlog-proof. */
  readonly proof: string
  /** The record that the leaf hashes: canonical JSON. */
  readonly record: string
}

/** What the trail can show of itself. */
export class Evidence {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The public key of the trail. */
  key(): Verifier {
    return this.#parts.key.refresh().verifier
  }

  /** The signed head of the trail; `undefined` before the first entry. */
  async checkpoint(): Promise<(Pick<Checkpoint, 'size' | 'branches'> & { readonly note: string }) | undefined> {
    const { checkpoint, size } = await readHead(this.#parts.reader)
    if (checkpoint === '') return undefined
    return { note: checkpoint, size, branches: unverifiedHead(checkpoint).branches }
  }

  /**
   * Checks the whole trail, by the key that signs here.
   * @throws {CheckpointError} if the kept checkpoint cannot be used.
   */
  async verify(checkpoint?: string, onProgress?: (done: number, total: number) => void): Promise<Verification> {
    const { openSnapshot, replays, clock } = this.#parts
    const snapshot = await openSnapshot()
    try {
      const options = { keys: [this.key()], checkpoint, replays: replays(), now: new Date(clock.now()) }
      return await verify(snapshot, { ...options, ...(onProgress && { onProgress }) })
    } finally {
      await snapshot.close()
    }
  }

  /**
   * Proves that an entry is in the trail. @returns `undefined` if there is no such entry.
   * @throws {ChatwardenError} `TRAIL_DAMAGED` if the entry or the tree is not what was signed.
   */
  async proofOf(key: { readonly id: string } | { readonly seq: number }): Promise<EntryProof | undefined> {
    const { reader } = this.#parts
    // The head first: what is read after it can only have grown.
    const { checkpoint } = await readHead(reader)
    if (checkpoint === '') return undefined
    const { size, root } = parseCheckpoint(readNote(checkpoint).text)
    const [entry, known] = await Promise.all([
      provableEntry(reader, key),
      'seq' in key && key.seq >= 0 && key.seq < size ? this.#tilesAround(key.seq, size) : undefined,
    ])
    if (entry === undefined) return undefined
    const { seq, id, action } = entry
    try {
      const hashes = await inclusionProof(seq, size, known ?? (await this.#tilesAround(seq, size)))
      if (!verifyInclusion(leafHash(entry), seq, size, hashes, root)) throw new RangeError(`Entry ${seq} is not in it.`)
      return { seq, id, action, proof: formatTlogProof({ index: seq, hashes, checkpoint }), record: leafRecord(entry) }
    } catch (cause) {
      if (cause instanceof RangeError) throw new ChatwardenError('TRAIL_DAMAGED', cause.message, { cause })
      throw cause
    }
  }

  async #tilesAround(seq: number, size: number) {
    return readerOf(await tilesAround(this.#parts.reader, [seq], size))
  }
}
