import type { RememberedErasure } from '../audit/remove/erasure-journal.ts'
import type { TrailEnd } from './check-file.ts'

/** A person who was erased after a backup had been made. */
export interface LaterErasure {
  readonly subjectHash: string
  readonly accountHashes: readonly string[]
  /** Of the last time. */
  readonly erasedAt: Date
  /** By which the key of the hashes is known, where that was written down. */
  readonly keyHash: string | undefined
}

/**
 * Whom erasures erased that the trail of a backup does not have, each once. Time decides, not the place in the trail: a
 * trail that was restored before has other entries at the same places. It has also carried out again what had come before.
 */
export function laterErasures(known: readonly RememberedErasure[], end: TrailEnd): LaterErasure[] {
  const people = new Map<string, LaterErasure>()
  for (const { subjectHash, accountHashes, erasedAt, keyHash } of known.filter((erasure) => isLater(erasure, end))) {
    const before = people.get(subjectHash)
    const last = before === undefined || before.erasedAt < erasedAt ? erasedAt : before.erasedAt
    const accounts = new Set([...(before?.accountHashes ?? []), ...accountHashes])
    people.set(subjectHash, {
      subjectHash,
      accountHashes: [...accounts],
      erasedAt: last,
      keyHash: keyHash ?? before?.keyHash,
    })
  }
  return [...people.values()]
}

function isLater({ erasedAt, seq }: RememberedErasure, { lastCreatedAt, size }: TrailEnd): boolean {
  const time = erasedAt.getTime()
  return time === lastCreatedAt ? seq === undefined || seq >= size : time > lastCreatedAt
}
