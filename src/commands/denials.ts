import { type AuditEvent, auditEvent, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { MINUTE } from '../kernel/clock.ts'
import { senderKey } from '../roles/person.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import { effectiveRole } from '../roles/user.ts'
import {
  countDenial,
  DENIAL_WINDOW,
  DENIALS_ANSWERED,
  type EndedWindow,
  endWindows,
} from './denial-window.repository.ts'

/**
 * Writes one denial, unless the sender had too many in this window: then it is only counted.
 * @returns whether the sender is to be answered.
 */
export async function recordDenial(tx: AuditTransaction, denial: AuditEvent, now: number): Promise<boolean> {
  const { isAnswered, ended } = await countDenial(
    tx,
    { sender: senderKey(denial.actor), account: denial.actor.account },
    now,
  )
  if (ended !== undefined) await tellCounted(tx, ended)
  if (isAnswered) await tx.append(denial)
  return isAnswered
}

/** Writes one entry for each window that has ended with denials that were only counted. */
export async function tellCountedDenials(tx: AuditTransaction, now: number): Promise<void> {
  for (const ended of await endWindows(tx, now)) await tellCounted(tx, ended)
}

async function tellCounted(tx: AuditTransaction, { sender, untold }: EndedWindow): Promise<void> {
  const user = await findUserById(tx.db, sender)
  const actor = { account: user?.account ?? sender, userId: user?.id, role: effectiveRole(user) }
  await tx.append(
    auditEvent('PERMISSION_DENIED', actor, SYSTEM_PLACE, {
      attemptedAction: 'REPEATED',
      reason: `more than ${DENIALS_ANSWERED} denials in ${DENIAL_WINDOW / MINUTE} minutes`,
      count: untold,
    }),
  )
}
