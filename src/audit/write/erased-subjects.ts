import type { AuditEntry } from '../entry/entry.ts'

/** What an entry of an erasure says of whom it erased. */
export interface ErasedSubject {
  /** Keyed hash of one of their accounts or of their user id. */
  readonly subjectHash: string
  /** The same of each other account known to be theirs, and of their user id. */
  readonly accountHashes: readonly string[]
}

/** What of an entry says whom it concerns, and whether erasure may remove it. */
export type Concerning = Pick<
  AuditEntry,
  'category' | 'userId' | 'account' | 'resourceType' | 'resourceId' | 'subjectId'
>

/** Whether an entry is of a category that erasure may remove, and by or about somebody: by an account and the id of a user beside it. */
export const isErasable = (
  { category, userId, account, resourceType, resourceId, subjectId }: Concerning,
  isTheirs: (account: string | null, id: string | null) => boolean,
): boolean =>
  category !== 'AUTH' &&
  category !== 'CONFIG' &&
  (isTheirs(account, userId) || isTheirs(resourceType === 'user' ? resourceId : null, subjectId))

/** Hashing is most of the work, and the same people come again and again. */
const MOST_KEPT = 10_000

/**
 * Who was erased and when, to keep away what comes back of them: from another log, an archive, a backup. When is a time in
 * milliseconds or, where everything is of one trail, a `seq`, which tells also what happened at the same time.
 */
export class ErasedSubjects {
  readonly #hashOf: (text: string) => string
  readonly #isUser: (id: string) => boolean
  readonly #until = new Map<string, number>()
  readonly #hashes = new Map<string, string>()

  /**
   * `hashOf`: as in the entries of the erasures. It is asked for nothing as long as there are none. `isUser`: whether an id is
   * that of a user here, whose entries stay theirs though the account is somebody else's now.
   */
  constructor(hashOf: (text: string) => string, isUser: (id: string) => boolean = () => false) {
    this.#hashOf = hashOf
    this.#isUser = isUser
  }

  add({ subjectHash, accountHashes }: ErasedSubject, when: number): void {
    for (const hash of [subjectHash, ...accountHashes])
      this.#until.set(hash, Math.max(when, this.#until.get(hash) ?? when))
  }

  /** Whether an entry of then was, or would have been, erased with somebody. */
  isErased(entry: Concerning, when: number): boolean {
    if (this.#until.size === 0) return false
    const is = (name: string | null) => name !== null && when < (this.#until.get(this.#hash(name)) ?? when)
    return isErasable(entry, (account, id) => is(id) || (!(id !== null && this.#isUser(id)) && is(account)))
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
