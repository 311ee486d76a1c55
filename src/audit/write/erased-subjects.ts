import { accountOf } from '../../kernel/phone.ts'
import type { AuditLog } from '../entry/entry.ts'

/** What an entry of an erasure says of whom it erased. */
export interface ErasedSubject {
  /** Keyed hash of their number or user id. */
  readonly subjectHash: string
  /** The same of each account known to be theirs, and of their user id. */
  readonly accountHashes: readonly string[]
  readonly erasedAt: Date
}

/** What of an entry says whom it concerns, and whether erasure may remove it. */
export type Concerning = Pick<AuditLog, 'category' | 'userId' | 'phoneNumber' | 'resourceType' | 'resourceId'>

/** Hashing is most of the work, and the same people come again and again. */
const MOST_KEPT = 10_000

/** Who was erased and when, to keep away what comes back of them: from another log, an archive, a backup. */
export class ErasedSubjects {
  readonly #hashOf: (text: string) => string
  readonly #erasedAt = { subjects: new Map<string, Date>(), accounts: new Map<string, Date>() }
  readonly #hashes = new Map<string, string>()

  /** `hashOf`: as in the entries of the erasures. It is asked for nothing as long as there are none. */
  constructor(hashOf: (text: string) => string) {
    this.#hashOf = hashOf
  }

  add({ subjectHash, accountHashes, erasedAt }: ErasedSubject): void {
    const note = (dates: Map<string, Date>, hash: string) => {
      const before = dates.get(hash)
      if (before === undefined || before < erasedAt) dates.set(hash, erasedAt)
    }
    note(this.#erasedAt.subjects, subjectHash)
    for (const hash of accountHashes) note(this.#erasedAt.accounts, hash)
  }

  /** Whether an entry of that time was, or would have been, erased with somebody. */
  isErased({ category, userId, phoneNumber, resourceType, resourceId }: Concerning, time: Date): boolean {
    const { subjects, accounts } = this.#erasedAt
    if (category === 'AUTH' || category === 'CONFIG' || subjects.size === 0) return false
    const isIn = (dates: ReadonlyMap<string, Date>, text: string | null) =>
      text !== null && time < (dates.get(this.#hash(text)) ?? time)
    return (
      isIn(subjects, phoneNumber) ||
      isIn(subjects, userId) ||
      (resourceType === 'user' && isIn(subjects, resourceId)) ||
      (accounts.size > 0 && (isIn(accounts, accountOf(phoneNumber)) || isIn(accounts, userId)))
    )
  }

  #hash(text: string): string {
    const known = this.#hashes.get(text)
    if (known !== undefined) return known
    if (this.#hashes.size >= MOST_KEPT) this.#hashes.clear()
    const hash = this.#hashOf(text)
    this.#hashes.set(text, hash)
    return hash
  }
}
