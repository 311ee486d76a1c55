import { randomBytes } from 'node:crypto'
import { HOUR } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { CLOCK_TIME } from '../../kernel/own-time.ts'
import type { SqlTransaction } from '../../storage/contract.ts'
import { BRANCH_ACTIONS } from '../entry/branch-actions.ts'
import { canonicalJson } from '../entry/canonical.ts'
import type { Draft } from '../entry/draft.ts'
import type { AuditEntry } from '../entry/entry.ts'
import { type Branch, formatCheckpoint, parseCheckpoint } from '../tree/checkpoint.ts'
import type { Hash } from '../tree/hash.ts'
import { saltedLeafHash } from '../tree/leaf.ts'
import { NoteError, openNote, readNote, type Signer } from '../tree/note.ts'
import { edgeTiles, TreeEdge } from '../tree/tiles.ts'
import { checkKey } from './check-key.ts'
import { knowPeople } from './people.repository.ts'
import { firstUnproved, isTimeOfLast } from './proved-entries.repository.ts'
import { type SealedRow, sealBy } from './row-seals.ts'
import { SeenTrail } from './seen-trail.ts'
import type { SigningKey } from './signing-key.ts'
import {
  type Head,
  insertEntries,
  monthOf,
  NONCE_BYTES,
  nonceAt,
  prepareMonths,
  readHead,
  readTiles,
  saveHead,
  saveTiles,
} from './trail.repository.ts'

/** So many entries are read at once to be proved: of one person there may be very many. */
const AT_ONCE = 1000

/** What the next entries go on from. */
interface End {
  readonly edge: TreeEdge
  readonly branches: readonly Branch[]
}

/** Puts entries at the end of the trail: rows, tree and signed head in the transaction that it is given. */
export class Appender {
  readonly #key: SigningKey
  readonly #acceptsHead: boolean
  readonly #seen: SeenTrail
  /** The end of the trail as of a checkpoint. While the head has that checkpoint, nothing needs to be read. */
  #known: (End & { readonly checkpoint: string; readonly lastCreatedAt: number }) | undefined

  constructor(key: SigningKey, acceptsHead: boolean, seen = new SeenTrail()) {
    this.#seen = seen
    this.#key = key
    this.#acceptsHead = acceptsHead
  }

  /** Begins to append in a transaction, which must hold the write lock. */
  async begin(db: SqlTransaction): Promise<Appending> {
    const head = await readHead(db)
    const isKnown =
      this.#known?.checkpoint === head.checkpoint && this.#known.lastCreatedAt === head.lastCreatedAt.getTime()
    const end = isKnown && this.#known !== undefined ? this.#known : await this.#load(db, head)
    this.#seen.saw(head.checkpoint)
    // Whatever comes of the transaction, the edge is about to change.
    this.#known = undefined
    const keep = ({ checkpoint, lastCreatedAt }: Head, branches: readonly Branch[]) => {
      this.#known = { checkpoint, lastCreatedAt: lastCreatedAt.getTime(), edge: end.edge, branches }
    }
    return new Appending(db, head, end, this.#key.current(), keep)
  }

  /** What was appended last is committed. */
  committed(): void {
    if (this.#known !== undefined) this.#seen.saw(this.#known.checkpoint)
  }

  /** What another process wrote is built on only if it is what this key has signed. */
  async #load(db: SqlTransaction, head: Head): Promise<End> {
    this.#seen.requireNotShorter(head)
    if (head.checkpoint === '' && head.size === 0) return { edge: TreeEdge.load(0, []), branches: [] }
    try {
      const { text } = this.#acceptsHead ? readNote(head.checkpoint) : this.#open(head.checkpoint)
      const { size, root, branches = [] } = parseCheckpoint(text)
      const edge = TreeEdge.load(size, await readTiles(db, edgeTiles(size)))
      if (size !== head.size || !edge.root().equals(root))
        throw new NoteError('The tree is not the one that was signed.')
      await this.#seen.requireGrown(db, { size, root })
      if (!(await isTimeOfLast(db, head.lastCreatedAt, { size, root })))
        throw new NoteError('The time in the head is not that of the last entry.')
      return { edge, branches }
    } catch (cause) {
      if (!(cause instanceof NoteError || cause instanceof RangeError)) throw cause
      throw new ChatwardenError('TRAIL_DAMAGED', cause.message, { cause })
    }
  }

  #open(checkpoint: string) {
    checkKey(checkpoint, this.#key)
    return openNote(checkpoint, [this.#key.current().verifier])
  }
}

/** What is later, or ends later as a month does, has more digits than formats and schemas take. */
const LATEST = new Date('9999-11-30')

/** Processes on one database differ, and a writer waits for its turn: that is no clock that was set back. */
const LAG = HOUR

function keepOwnTime(draft: Draft): void {
  draft.metadata = canonicalJson({ ...JSON.parse(draft.metadata), [CLOCK_TIME]: draft.createdAt.toISOString() })
}

/** The appends of one transaction. The entries are complete rows at once; the tree and its head are stored with `seal`. */
export class Appending {
  readonly #db: SqlTransaction
  readonly #head: Head
  readonly #edge: TreeEdge
  readonly #keep: (head: Head, branches: readonly Branch[]) => void
  #branches: readonly Branch[]
  #signer: Signer
  #retired: Signer | undefined
  /** How many entries there are, those appended here included. */
  #size: number
  #last: Date
  readonly #lags = new Map<number, number>()

  constructor(
    db: SqlTransaction,
    head: Head,
    { edge, branches }: End,
    signer: Signer,
    keep: (head: Head, branches: readonly Branch[]) => void,
  ) {
    this.#db = db
    this.#head = head
    this.#edge = edge
    this.#branches = branches
    this.#signer = signer
    this.#keep = keep
    this.#size = head.size
    this.#last = head.lastCreatedAt
  }

  /** The end of the trail as it was before this transaction. */
  get before(): Head {
    return this.#head
  }

  /** The times that entries have though the clock was behind by more than an hour, each with by how much; in milliseconds. */
  get lags(): Iterable<readonly [time: number, behindMs: number]> {
    return this.#lags
  }

  get db(): SqlTransaction {
    return this.#db
  }

  /**
   * Writes entries. `seq` goes on from the head without a gap; `created_at` is when the event was observed, but never
   * before the entry ahead of it: where the clock was set back by more than an hour, what it said is `clockTime` in the metadata.
   */
  async append(drafts: readonly Draft[]): Promise<readonly AuditEntry[]> {
    await knowPeople(this.#db, drafts)
    for (const [index, draft] of drafts.entries()) {
      if (draft.createdAt > LATEST) draft.createdAt = LATEST
      if (draft.createdAt > this.#last) this.#last = draft.createdAt
      const lagMs = this.#last.getTime() - draft.createdAt.getTime()
      if (lagMs > LAG) {
        keepOwnTime(draft)
        this.#lags.set(this.#last.getTime(), lagMs)
      }
      draft.createdAt = this.#last
      draft.seq = this.#size + index
    }
    await this.#prepareMonths(drafts)
    const nonces = randomBytes(drafts.length * NONCE_BYTES)
    await insertEntries(this.#db, drafts, nonces, this.#hash(drafts, nonces))
    this.#size += drafts.length
    return drafts
  }

  /** Grows the tree leaf by leaf, so that the database can write entries while those after them are hashed. */
  *#hash(drafts: readonly Draft[], nonces: Buffer): Generator<Hash> {
    for (const [index, draft] of drafts.entries()) {
      const leaf = saltedLeafHash(draft, nonceAt(nonces, index))
      this.#edge.add(leaf)
      if (BRANCH_ACTIONS.includes(draft.action)) this.#branches = [...this.#branches, { index: draft.seq, leaf }]
      yield leaf
    }
  }

  /** The month of the last entry is there. */
  async #prepareMonths(drafts: readonly Draft[]): Promise<void> {
    // Their times only grow: where the last is in the month of the head, all are.
    const before = this.#head.size === 0 ? undefined : monthOf(this.#head.lastCreatedAt)
    if (drafts.length === 0 || monthOf(this.#last) === before) return
    await prepareMonths(
      this.#db,
      drafts.map(({ createdAt }) => createdAt),
    )
  }

  /**
   * Makes sure that entries are as they were signed before what they say is gone by.
   * @throws {ChatwardenError} `TRAIL_DAMAGED`
   */
  async requireProved(seqs: readonly number[]): Promise<void> {
    if (seqs.length === 0) return
    const signed = parseCheckpoint(readNote(this.#head.checkpoint).text)
    for (let from = 0; from < seqs.length; from += AT_ONCE) {
      const seq = await firstUnproved(this.#db, signed, seqs.slice(from, from + AT_ONCE))
      if (seq !== undefined)
        throw new ChatwardenError('TRAIL_DAMAGED', `Entry ${seq} is not as it was signed. Nothing is removed.`)
    }
  }

  /** The signature of a row that is no entry. */
  sealRow(row: SealedRow): string {
    return sealBy(this.#signer, row)
  }

  /** From this commit on another key signs; both sign this one. */
  handOver(signer: Signer): void {
    this.#retired = this.#signer
    this.#signer = signer
  }

  /** Stores what has grown of the tree and signs its new head. To be called last. */
  async seal(): Promise<void> {
    const { size } = this.#edge
    const branches = this.#branches
    if (size === this.#head.size) return this.#keep(this.#head, branches)
    if (size !== this.#size) throw new Error('The tree holds an entry that was not written.')
    await saveTiles(this.#db, this.#edge.takeChanged())
    const text = formatCheckpoint({
      origin: this.#signer.verifier.name,
      size,
      root: this.#edge.root(),
      branches,
    })
    const note = (this.#retired ?? this.#signer).sign(text)
    const checkpoint = this.#retired === undefined ? note : note + this.#signer.sign(text).slice(text.length + 1)
    const head = { size, lastCreatedAt: this.#last, checkpoint }
    await saveHead(this.#db, head)
    this.#keep(head, branches)
  }
}
