/** Roles, from the one that may most to the one that may least. */
export const Role = { OWNER: 'OWNER', ADMIN: 'ADMIN', OPERATOR: 'OPERATOR', USER: 'USER' } as const
export type Role = (typeof Role)[keyof typeof Role]

/** Somebody who is no user, or whose number the platform does not tell, has the role `NONE`. */
export type EffectiveRole = Role | 'NONE'

export const ROLES: readonly Role[] = Object.values(Role)

const RANK: Readonly<Record<EffectiveRole, number>> = { OWNER: 4, ADMIN: 3, OPERATOR: 2, USER: 1, NONE: 0 }

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text)

export const atLeast = (role: EffectiveRole, least: EffectiveRole): boolean => RANK[role] >= RANK[least]

/** Above 0 if `a` may more than `b`, below 0 if less. */
export const compareRoles = (a: EffectiveRole, b: EffectiveRole): number => RANK[a] - RANK[b]
