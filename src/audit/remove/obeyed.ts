import { createHash } from 'node:crypto'
import { type Actor, auditEvent, type Place } from '../entry/entry.ts'
import type { AuditTransaction } from '../write/change.ts'
import { type Held, heldNow } from './hold.repository.ts'

/** Whose removal it is. */
interface By {
  readonly actor: Actor
  readonly place: Place
}

/**
 * Says which legal holds stand as entries are about to go: `verify` compares it with those that entries have set, as a hold
 * could be put back after it. Just before each entry that removes; nothing where there is no hold.
 */
export async function sayWhatIsObeyed(tx: AuditTransaction, { actor, place }: By): Promise<void> {
  const digest = digestOfHeld(heldNames(await heldNow(tx.db)))
  if (digest !== undefined) await tx.append(auditEvent('AUDIT_HOLDS_OBEYED', actor, place, { digest }))
}

/** All that is held, by name. */
export const heldNames = ({ accounts, userIds }: Held): string[] => [...accounts, ...userIds]

/** What stands for all that is held, without naming it; `undefined` where nothing is. */
export function digestOfHeld(names: Iterable<string>): string | undefined {
  const held = [...new Set(names)].sort()
  return held.length === 0 ? undefined : createHash('sha256').update(JSON.stringify(held)).digest('hex')
}
