import { atLeast, compareRoles, type EffectiveRole, type Role } from './role.ts'

export type Direction = 'promote' | 'demote'

/** Everything the policy looks at. `NONE` as `current` is a number that nobody has added yet. */
export interface RoleChange {
  readonly actor: EffectiveRole
  readonly current: EffectiveRole
  readonly wanted: Role
  readonly direction: Direction
  /** Whether the actor would change their own role. */
  readonly self: boolean
  /** Whether the person concerned is the last owner who can act. */
  readonly lastOwner: boolean
}

type Denial = 'ROLE_TOO_LOW' | 'OWN_ROLE' | 'LAST_OWNER'

export type Decision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly reason: Denial }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'wrong-direction'; readonly right: Direction }

/**
 * Whether a role may be changed, and what to say if not. The order is part of the rule: what somebody may not do
 * is denied before anything is said about the person concerned.
 */
export function decide({ actor, current, wanted, direction, self, lastOwner }: RoleChange): Decision {
  if (!atLeast(actor, leastRoleToChange(current, wanted))) return { kind: 'denied', reason: 'ROLE_TOO_LOW' }
  if (self) return { kind: 'denied', reason: 'OWN_ROLE' }
  if (current === 'NONE' && direction === 'demote') return { kind: 'not-found' }
  if (current === wanted) return { kind: 'unchanged' }
  const right: Direction = compareRoles(wanted, current) > 0 ? 'promote' : 'demote'
  if (right !== direction) return { kind: 'wrong-direction', right }
  return lastOwner ? { kind: 'denied', reason: 'LAST_OWNER' } : { kind: 'allowed' }
}

/** What decides whether somebody may be let in or kept out. */
export interface AccessChange {
  readonly actor: EffectiveRole
  /** The role of the person concerned. */
  readonly current: EffectiveRole
  /** The role that whoever keeps them out now has; `NONE` where nobody does. */
  readonly blocker: EffectiveRole
  readonly change: 'block' | 'unblock' | 'whitelist'
  readonly self: boolean
  /** Whether the person concerned is the last owner who can act. */
  readonly lastOwner: boolean
}

export type AccessDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly reason: 'ROLE_TOO_LOW' | 'BLOCKED_BY_HIGHER' | 'SELF' | 'LAST_OWNER' }

/** Whether somebody may be blocked, unblocked, put on the whitelist or taken off it. */
export function decideAccess({ actor, current, blocker, change, self, lastOwner }: AccessChange): AccessDecision {
  if (!atLeast(actor, leastRoleToAdmit(current, change))) return { kind: 'denied', reason: 'ROLE_TOO_LOW' }
  if (change !== 'whitelist' && !atLeast(actor, blocker)) return { kind: 'denied', reason: 'BLOCKED_BY_HIGHER' }
  if (change === 'block' && self) return { kind: 'denied', reason: 'SELF' }
  return change === 'block' && lastOwner ? { kind: 'denied', reason: 'LAST_OWNER' } : { kind: 'allowed' }
}

/** An OWNER for those who are ADMIN or above, an ADMIN for OPERATORs; OPERATORs block USERs, and no whitelist. */
function leastRoleToAdmit(current: EffectiveRole, change: AccessChange['change']): Role {
  if (atLeast(current, 'ADMIN')) return 'OWNER'
  return current === 'OPERATOR' || change === 'whitelist' ? 'ADMIN' : 'OPERATOR'
}

/** To touch an OWNER or ADMIN, or to make one, takes an OWNER; OPERATOR and USER take an ADMIN. */
function leastRoleToChange(current: EffectiveRole, wanted: Role): Role {
  return atLeast(current, 'ADMIN') || atLeast(wanted, 'ADMIN') ? 'OWNER' : 'ADMIN'
}
