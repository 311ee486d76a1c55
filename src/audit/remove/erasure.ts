import { ChatwardenError } from '../../kernel/errors.ts'
import { accountOf, maskPhone } from '../../kernel/phone.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { isRewritten } from '../../storage/small-file.ts'
import { MAX_RUNS, runsOf } from '../entry/coverage.ts'
import { type Actor, type AuditLog, auditEvent, type Place } from '../entry/entry.ts'
import type { AuditTransaction } from '../write/change.ts'
import type { RememberedErasure } from './erasure-journal.ts'
import { ALL_HELD, findHold } from './hold.repository.ts'
import { countLeft, deleteEntries, erasable, type Subject } from './removal.repository.ts'

export interface ErasureRequest {
  readonly subject: Subject
  readonly actor: Actor
  readonly place: Place
  readonly reason?: string | undefined
  /** Who asked for it, where somebody else confirmed it. */
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
  /** The platform's ids of the accounts that this person was seen with. */
  accountsOf(db: WriteTransaction, phoneNumber: string): Promise<readonly string[]>
  nameOf(db: WriteTransaction, phoneNumber: string): Promise<string | undefined>
  /** Forgets a person wherever the database has them. */
  forget(db: WriteTransaction, phoneNumber: string, accounts: readonly string[]): Promise<void>
  /** Takes the same person out of what waits to be written. @returns what puts it back. */
  forgetWaiting(subject: Subject): Promise<() => Promise<void>>
  /** Keeps outside of the database that somebody was erased, for backups of before. @returns what takes that back. */
  remember(erasure: RememberedErasure): Promise<() => Promise<void>>
}

/**
 * Erases one person: the entries by and about them but those of AUTH and CONFIG, and what else is known of them. The
 * entry that says so names the erased places of the trail, never the person.
 */
export class Erasure {
  readonly #people: People
  readonly #hashOf: (phoneNumber: string) => string

  /** `hashOf`: a keyed hash, by which only who has the key finds out whether a number was erased. */
  constructor(people: People, hashOf: (phoneNumber: string) => string) {
    this.#people = people
    this.#hashOf = hashOf
  }

  /** What stands for a person where their number must not. */
  hashOf(phoneNumber: string): string {
    return this.#hashOf(phoneNumber)
  }

  /** @throws {ChatwardenError} `NOT_PERMITTED` for oneself; `UNDER_HOLD`. */
  async erase(tx: AuditTransaction, request: ErasureRequest): Promise<Erased> {
    const { actor, requestedBy } = request
    const { phoneNumber } = request.subject
    if (phoneNumber !== undefined && [actor.phoneNumber, requestedBy].includes(phoneNumber))
      throw new ChatwardenError('NOT_PERMITTED', 'Nobody erases themself.')
    if (await isUnderHold(tx.db, phoneNumber)) throw new ChatwardenError('UNDER_HOLD')
    const known = phoneNumber === undefined ? [] : await this.#people.accountsOf(tx.db, phoneNumber)
    const accounts = [...new Set([...known, ...(request.subject.accounts ?? [])])]
    const subject = { ...request.subject, accounts }
    const reason = await this.#withoutPerson(tx.db, request)
    const seqs = await erasable(tx.db, subject)
    const remembered = await this.#remove(tx, seqs, { ...request, subject, reason })
    // Of an account whose number is not known, nothing is known by number either.
    if (phoneNumber !== undefined || accounts.length > 0) await this.#people.forget(tx.db, phoneNumber ?? '', accounts)
    tx.lastly(() => this.#people.forgetWaiting(subject))
    tx.lastly(() => this.#people.remember(remembered))
    tx.leaveNoTrace()
    const { left, held } = await countLeft(tx.db, subject)
    return { erased: seqs.length, left: left - held, held, isRewritten: await isRewritten(tx.db) }
  }

  /** The entry that stays must not name whom it is about. */
  async #withoutPerson(
    db: WriteTransaction,
    { reason, subject: { phoneNumber } }: ErasureRequest,
  ): Promise<string | undefined> {
    if (reason === undefined || phoneNumber === undefined) return reason
    const digits = phoneNumber.replace(/\D/g, '').split('').join('[^\\p{L}\\p{N}]{0,3}')
    const unnumbered = reason.replace(new RegExp(`\\+?${digits}`, 'gu'), maskPhone(phoneNumber))
    const name = await this.#people.nameOf(db, phoneNumber)
    if (!name) return unnumbered
    const literally = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return unnumbered.replace(new RegExp(literally, 'giu'), '•••')
  }

  async #remove(tx: AuditTransaction, seqs: readonly number[], request: ErasureRequest): Promise<RememberedErasure> {
    const { actor, place, reason, requestedBy } = request
    const hashes = this.#hashesOf(request)
    let first: AuditLog | undefined
    // Each part fits into its entry whatever its runs are. There is one also where nothing was found: it was asked for.
    const runs = runsOf(seqs)
    for (let from = 0; from === 0 || from < runs.length; from += MAX_RUNS) {
      const ranges = runs.slice(from, from + MAX_RUNS).map(([first, last]): [number, number] => [first, last])
      const part = seqs.filter((seq) => seq >= (ranges[0]?.[0] ?? 0) && seq <= (ranges.at(-1)?.[1] ?? -1))
      const metadata = { ...hashes, ranges, erasedCount: part.length, reason, requestedBy }
      const entry = await tx.append(auditEvent('AUDIT_ERASURE', actor, place, metadata))
      first ??= entry
      await deleteEntries(tx.db, part)
    }
    const erasedAt = first?.createdAt ?? new Date(0)
    return { accountHashes: [], ...hashes, erasedAt, seq: first?.seq, keyHash: this.#hashOf('') }
  }

  #hashesOf({ subject: { phoneNumber, userId, accounts = [] }, hashes }: ErasureRequest) {
    const subjectHash = hashes?.subject ?? this.#hashOf(phoneNumber ?? userId ?? '')
    // Entries of before their number was known may name them by their id alone.
    const others = phoneNumber === undefined || userId === undefined ? accounts : [...accounts, userId]
    const accountHashes = [...new Set([...others.map(this.#hashOf), ...(hashes?.accounts ?? [])])]
    return accountHashes.length === 0 ? { subjectHash } : { subjectHash, accountHashes }
  }
}

/** Whether a legal hold keeps what there is of somebody. */
export async function isUnderHold(
  db: Parameters<typeof findHold>[0],
  phoneNumber: string | undefined,
): Promise<boolean> {
  if ((await findHold(db, ALL_HELD)) !== undefined) return true
  return phoneNumber !== undefined && (await findHold(db, phoneNumber)) !== undefined
}

type Waiting = Pick<AuditLog, 'category' | 'userId' | 'phoneNumber' | 'resourceType' | 'resourceId'>

/** Whether an entry that is still to be written would be erased with that person. */
export const mayBeErased = (
  { category, userId, phoneNumber, resourceType, resourceId }: Waiting,
  { accounts = [], ...subject }: Subject,
): boolean =>
  category !== 'AUTH' &&
  category !== 'CONFIG' &&
  (phoneNumber === subject.phoneNumber ||
    (userId !== null && userId === subject.userId) ||
    accounts.includes(accountOf(phoneNumber)) ||
    (resourceType === 'user' && resourceId === subject.phoneNumber))
