import { ChatwardenError } from '../../kernel/errors.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { isRewritten } from '../../storage/small-file.ts'
import type { Who } from '../entry/audit-filter.ts'
import { MAX_RUNS, runsOf } from '../entry/coverage.ts'
import { type Actor, type AuditEntry, auditEvent, type Place } from '../entry/entry.ts'
import type { AuditTransaction } from '../write/change.ts'
import { type Concerning, isErasable } from '../write/erased-subjects.ts'
import type { RememberedErasure } from './erasure-journal.ts'
import { heldNow, holdsPerson } from './hold.repository.ts'
import { digestOfHeld } from './obeyed.ts'
import { userIds } from './person-entries.repository.ts'
import { countKept, deleteEntries, erasable } from './removal.repository.ts'
import { unnamed } from './unnamed.ts'

export interface ErasureRequest {
  readonly subject: Who
  readonly actor: Actor
  readonly place: Place
  readonly reason?: string | undefined
  /** By which account it was asked for, where somebody else confirmed it. */
  readonly requestedBy?: string | undefined
  /** What somebody was erased by before, where that is to be done again: not all that they had may be known here. */
  readonly hashes?: { readonly subject: string; readonly accounts: readonly string[] } | undefined
}

export interface Erased {
  readonly erased: number
  /** Entries of AUTH and CONFIG, which say who may do what: they stay until their retention. */
  readonly left: number
  /** Entries that also concern somebody under a legal hold. */
  readonly held: number
  /** Whether the database's file is small enough to be rewritten, so that its unused parts keep no copies either. */
  readonly isRewritten: boolean
}

/** What is known of people besides the trail. */
export interface People {
  /** The person with all accounts that they were seen with. */
  allOf(tx: Pick<AuditTransaction, 'db' | 'seals'>, who: Who): Promise<Who>
  nameOf(db: WriteTransaction, who: Who): Promise<string | undefined>
  /** Forgets a person wherever the database has them. */
  forget(db: WriteTransaction, who: Who): Promise<void>
  /** Takes out of what waits to be written what is theirs. @returns what puts it back. */
  forgetWaiting(isTheirs: (entry: Concerning) => boolean): Promise<() => Promise<void>>
  /** Keeps outside of the database that somebody was erased, for backups of before. @returns what takes that back. */
  remember(erasure: RememberedErasure): Promise<() => Promise<void>>
}

/**
 * Erases one person: the entries by and about them but those of AUTH and CONFIG, and what else is known of them. The
 * entry that says so names the erased places of the trail, never the person.
 */
export class Erasure {
  readonly #people: People
  readonly #hashOf: (name: string) => string

  /** `hashOf`: a keyed hash, by which only who has the key finds out whether an account was erased. */
  constructor(people: People, hashOf: (name: string) => string) {
    this.#people = people
    this.#hashOf = hashOf
  }

  /** What stands for a person where their account must not. */
  hashOf(account: string): string {
    return this.#hashOf(account)
  }

  /** @throws {ChatwardenError} `NOT_PERMITTED` for oneself; `UNDER_HOLD`. */
  async erase(tx: AuditTransaction, request: ErasureRequest): Promise<Erased> {
    const subject = await this.#people.allOf(tx, request.subject)
    if (isOneOf(subject, request)) throw new ChatwardenError('NOT_PERMITTED', 'Nobody erases themself.')
    const holds = await heldNow(tx.db)
    if (holdsPerson(holds, subject)) throw new ChatwardenError('UNDER_HOLD')
    const reason = await this.#withoutPerson(tx.db, { ...request, subject })
    const seqs = await erasable(tx.db, subject)
    await tx.requireProved(seqs)
    const { left, held } = await countKept(tx.db, subject)
    const remembered = await this.#remove(
      tx,
      seqs,
      { held, obeyed: digestOfHeld(holds) },
      { ...request, subject, reason },
    )
    await this.#people.forget(tx.db, subject)
    const users = await userIds(tx.db)
    const isTheirs = ownedBy(subject, users)
    tx.lastly(() => this.#people.forgetWaiting((entry) => isErasable(entry, isTheirs)))
    tx.lastly(() => this.#people.remember(remembered))
    tx.leaveNoTrace()
    return { erased: seqs.length, left, held, isRewritten: await isRewritten(tx.db) }
  }

  /** The entry that stays must not name whom it is about. */
  async #withoutPerson(db: WriteTransaction, { reason, subject }: ErasureRequest): Promise<string | undefined> {
    return reason && unnamed(reason, subject.accounts, await this.#people.nameOf(db, subject))
  }

  async #remove(
    tx: AuditTransaction,
    seqs: readonly number[],
    { held, obeyed }: { readonly held: number; readonly obeyed: string | undefined },
    request: ErasureRequest,
  ): Promise<RememberedErasure> {
    const { actor, place, reason, requestedBy } = request
    const hashes = this.#hashesOf(request)
    let first: AuditEntry | undefined
    // Each part fits into its entry whatever its runs are. There is one also where nothing was found: it was asked for.
    const runs = runsOf(seqs)
    for (let from = 0; from === 0 || from < runs.length; from += MAX_RUNS) {
      const ranges = runs.slice(from, from + MAX_RUNS).map(([first, last]): [number, number] => [first, last])
      const part = seqs.filter((seq) => seq >= (ranges[0]?.[0] ?? 0) && seq <= (ranges.at(-1)?.[1] ?? -1))
      const metadata = {
        ...hashes,
        ranges,
        erasedCount: part.length,
        heldCount: held > 0 ? held : undefined,
        obeyed,
        reason,
        requestedBy,
      }
      const entry = await tx.append(auditEvent('AUDIT_ERASURE', actor, place, metadata))
      first ??= entry
      await deleteEntries(tx.db, part)
    }
    const erasedAt = first?.createdAt ?? new Date(0)
    return { accountHashes: [], ...hashes, erasedAt, seq: first?.seq, keyHash: this.#hashOf('') }
  }

  #hashesOf({ subject: { userId, accounts }, hashes }: ErasureRequest) {
    const [first = '', ...others] = [...accounts, ...(userId === undefined ? [] : [userId])]
    const subjectHash = hashes?.subject ?? this.#hashOf(first)
    const all = [...(hashes === undefined ? others : [first, ...others]).map(this.#hashOf), ...(hashes?.accounts ?? [])]
    const accountHashes = [...new Set(all)].filter((hash) => hash !== subjectHash)
    return accountHashes.length === 0 ? { subjectHash } : { subjectHash, accountHashes }
  }
}

/** Whether who asks for something or confirms it is the person that it is about. */
const isOneOf = ({ userId, accounts }: Who, { actor, requestedBy }: ErasureRequest): boolean =>
  accounts.includes(actor.account) ||
  (requestedBy !== undefined && accounts.includes(requestedBy)) ||
  (userId !== undefined && userId === actor.userId)

/** Whether what an account did, or what was done to it, is a person's: see `waysBy`. */
const ownedBy =
  ({ userId, accounts }: Who, users: ReadonlySet<string>) =>
  (account: string | null, id: string | null): boolean =>
    id !== null && (id === userId || users.has(id)) ? id === userId : accounts.includes(account ?? '')
