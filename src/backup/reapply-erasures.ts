import type { Actor } from '../audit/entry/entry.ts'
import type { Erasure } from '../audit/remove/erasure.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { isPhone } from '../kernel/phone.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import type { LaterErasure } from './later-erasures.ts'

export interface Reapplied {
  /** How many were carried out; each is an entry again, also where nothing was left of the person. */
  readonly done: number
  /** Those whom a legal hold of the backup keeps, by what they are known by. */
  readonly pending: readonly { readonly person: string; readonly erasedAt: Date }[]
}

/** Carries out erasures again on a database that does not know of them. `people`: everybody it knows. */
export async function reapply(
  erasures: readonly LaterErasure[],
  people: Iterable<string>,
  { erasure, writer, actor }: { readonly erasure: Erasure; readonly writer: AuditWriter; readonly actor: Actor },
): Promise<Reapplied> {
  if (erasures.length === 0) return { done: 0, pending: [] }
  const byHash = new Map([...people].map((person) => [erasure.hashOf(person), person]))
  const pending: { person: string; erasedAt: Date }[] = []
  for (const { subjectHash, accountHashes, erasedAt } of erasures) {
    const person = byHash.get(subjectHash)
    const accounts = accountHashes.map((hash) => byHash.get(hash)).filter((account) => account !== undefined)
    const phoneNumber = person !== undefined && isPhone(person) ? person : undefined
    try {
      await writer.transaction(async (tx) => {
        const userId = phoneNumber === undefined ? person : (await findUser(tx.db, phoneNumber))?.id
        await erasure.erase(tx, {
          subject: { userId, phoneNumber, accounts },
          actor,
          place: { source: 'cli' },
          reason: 'restored from a backup',
          hashes: { subject: subjectHash, accounts: accountHashes },
        })
      })
    } catch (error) {
      if (!(error instanceof ChatwardenError && error.code === 'UNDER_HOLD')) throw error
      pending.push({ person: person ?? accounts[0] ?? `whoever is known by ${subjectHash}`, erasedAt })
    }
  }
  return { done: erasures.length - pending.length, pending }
}
