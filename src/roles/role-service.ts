import type { AuditTransaction } from '../audit/audit-writer.ts'
import { type Actor, auditEvent, type Place, SYSTEM } from '../audit/entry.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Phone } from '../kernel/phone.ts'
import { type Decision, type Direction, decide } from './policy.ts'
import type { EffectiveRole, Role } from './role.ts'
import { findUser, realOwners, saveRole } from './user.repository.ts'
import { effectiveRole, TRIAL_OWNER } from './user.ts'

export interface RoleRequest {
  readonly actor: Actor
  readonly place: Place
  readonly target: Phone
  readonly wanted: Role
  readonly direction: Direction
}

export type RoleResult = Decision & { readonly current: EffectiveRole }

/**
 * Checks and makes one role change inside a transaction that holds the write lock: both roles are read there, so
 * nobody acts on a role that they no longer have. The entry is part of the same commit.
 */
export async function changeRole(tx: AuditTransaction, request: RoleRequest, clock: Clock): Promise<RoleResult> {
  const { actor, place, target, wanted, direction } = request
  const current = effectiveRole(await findUser(tx.db, target))
  const decision = decide({
    actor: effectiveRole(await findUser(tx.db, actor.phoneNumber)),
    current,
    wanted,
    direction,
    self: actor.phoneNumber === target,
    lastOwner: current === 'OWNER' && (await isLastOwner(tx, target)),
  })
  if (decision.kind === 'allowed') await setRole(tx, actor, place, target, current, wanted, clock)
  return { ...decision, current }
}

/** Adds or changes a user by rule, not by a person: for seeding. */
export async function setRoleBySystem(tx: AuditTransaction, target: Phone, wanted: Role, reason: string, clock: Clock) {
  const current = effectiveRole(await findUser(tx.db, target))
  if (current !== wanted) await setRole(tx, SYSTEM, { source: 'system' }, target, current, wanted, clock, reason)
}

async function setRole(
  tx: AuditTransaction,
  actor: Actor,
  place: Place,
  targetUser: Phone,
  oldRole: EffectiveRole,
  newRole: Role,
  clock: Clock,
  reason?: string,
): Promise<void> {
  await saveRole(tx.db, targetUser, newRole, new Date(clock.now()))
  await tx.append(auditEvent('ROLE_CHANGE', actor, place, { targetUser, oldRole, newRole, reason }))
}

/** The terminal's trial owner does not count once there is another. */
async function isLastOwner(tx: AuditTransaction, target: Phone): Promise<boolean> {
  const others = (await realOwners(tx.db)).filter((owner) => owner.phoneNumber !== target)
  return target !== TRIAL_OWNER && others.length === 0
}
