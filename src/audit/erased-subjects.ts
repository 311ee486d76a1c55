import { accountOf } from '../kernel/phone.ts'
import type { AuditLog } from './entry.ts'

/** An erasure as its entry tells of it: whom it was about is known only by keyed hashes. */
export interface RecordedErasure {
  readonly seq: number
  readonly createdAt: Date
  readonly subjectHash: string
  readonly accountHashes?: readonly string[] | undefined
}

type Fields = Pick<AuditLog, 'category' | 'userId' | 'phoneNumber' | 'resourceType' | 'resourceId'>

/** Tells whether an entry that comes back from a file is by or about somebody who was erased here. */
export class ErasedSubjects {
  readonly #erasures: readonly RecordedErasure[]
  readonly #hashOf: (text: string) => string
  readonly #hashes = new Map<string, string>()

  constructor(erasures: readonly RecordedErasure[], hashOf: (text: string) => string) {
    this.#erasures = erasures
    this.#hashOf = hashOf
  }

  /** Entries of AUTH and CONFIG stay until their retention. `counts`: which erasures the entry is older than. */
  isErased(entry: Fields, counts: (erasure: RecordedErasure) => boolean): boolean {
    if (entry.category === 'AUTH' || entry.category === 'CONFIG') return false
    const { phoneNumber, userId, resourceType, resourceId } = entry
    const names = [phoneNumber, userId, resourceType === 'user' ? resourceId : null].filter((name) => name !== null)
    const hashes = names.map((name) => this.#hash(name))
    const account = this.#hash(accountOf(phoneNumber))
    return this.#erasures.some(
      (erasure) =>
        (hashes.includes(erasure.subjectHash) || erasure.accountHashes?.includes(account) === true) && counts(erasure),
    )
  }

  #hash(text: string): string {
    let hash = this.#hashes.get(text)
    if (hash === undefined) {
      hash = this.#hashOf(text)
      this.#hashes.set(text, hash)
    }
    return hash
  }
}
