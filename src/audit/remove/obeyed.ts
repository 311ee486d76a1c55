import { createHash } from 'node:crypto'
import { type Actor, auditEvent, type Place } from '../entry/entry.ts'
import type { AuditTransaction } from '../write/change.ts'
import { type Held, hasHadHolds, heldNow } from './hold.repository.ts'

/** Whose removal it is. */
interface By {
  readonly actor: Actor
  readonly place: Place
}

/**
 * Says which legal holds stand as entries are about to go: `verify` compares it with those that entries have set, as a hold
 * could be put back after it. Just before each entry that removes; once there has been a hold also where none stands, as a
 * number of which ADMINs see nothing would tell them that one does.
 */
export async function sayWhatIsObeyed(tx: AuditTransaction, { actor, place }: By): Promise<void> {
  const digest = digestOfHeld(await heldNow(tx.db))
  if (digest === undefined && !(await hasHadHolds(tx.db))) return
  await tx.append(auditEvent('AUDIT_HOLDS_OBEYED', actor, place, { digest }))
}

/** What stands for all that is held, without naming it; `undefined` where nothing is. */
export const digestOfHeld = ({ accounts, userIds }: Pick<Held, 'accounts' | 'userIds'>): string | undefined =>
  digestOfNames([...accounts, ...userIds])

export function digestOfNames(names: Iterable<string>): string | undefined {
  const held = [...new Set(names)].sort()
  return held.length === 0 ? undefined : createHash('sha256').update(JSON.stringify(held)).digest('hex')
}
