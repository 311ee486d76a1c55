import { sha256OfText } from '../../kernel/sha256.ts'
import { type AuditEvent, auditEvent } from '../entry/entry.ts'
import type { AuditTransaction } from '../write/change.ts'
import { latestOf } from '../write/trail.repository.ts'
import type { Held } from './hold.repository.ts'

/**
 * Says which legal holds a removal obeys, by their digest: `verify` compares it with those that entries have set, as a hold
 * could be put back after it. Just before each entry that removes; once there has been a hold also where none stands, as a
 * number of which ADMINs see nothing would tell them that one does.
 */
export async function sayWhatIsObeyed(
  tx: AuditTransaction,
  { actor, place }: Pick<AuditEvent, 'actor' | 'place'>,
  digest: string | undefined,
): Promise<void> {
  if (digest === undefined && (await latestOf(tx.db, 'AUDIT_HOLD_ADD')) < 0) return
  await tx.append(auditEvent('AUDIT_HOLDS_OBEYED', actor, place, { digest }))
}

/** What stands for all that is held, without naming it; `undefined` where nothing is. */
export const digestOfHeld = ({ accounts, userIds }: Pick<Held, 'accounts' | 'userIds'>): string | undefined =>
  digestOfNames([...accounts, ...userIds])

export function digestOfNames(names: Iterable<string>): string | undefined {
  const held = [...new Set(names)].sort()
  return held.length === 0 ? undefined : sha256OfText(JSON.stringify(held))
}
