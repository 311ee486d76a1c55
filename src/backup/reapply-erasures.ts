import type { Actor } from '../audit/entry/entry.ts'
import type { Erasure } from '../audit/remove/erasure.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import { isAccount } from '../kernel/account.ts'
import { ChatwardenError } from '../kernel/errors.ts'
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
    const names = [subjectHash, ...accountHashes].map((hash) => byHash.get(hash)).filter((name) => name !== undefined)
    const ids = names.filter((name) => !isAccount(name))
    try {
      await writer.transaction(async (tx) => {
        // An account may have been somebody else's at the time of the backup, and theirs are not to be erased.
        const accounts: string[] = []
        for (const account of names.filter(isAccount)) {
          const user = await findUser(tx.db, account)
          if (user === undefined || ids.includes(user.id)) accounts.push(account)
        }
        await erasure.erase(tx, {
          subject: { userId: ids[0], accounts },
          actor,
          place: { source: 'cli' },
          reason: 'restored from a backup',
          hashes: { subject: subjectHash, accounts: accountHashes },
        })
      })
    } catch (error) {
      if (!(error instanceof ChatwardenError && error.code === 'UNDER_HOLD')) throw error
      pending.push({ person: names[0] ?? `whoever is known by ${subjectHash}`, erasedAt })
    }
  }
  return { done: erasures.length - pending.length, pending }
}
