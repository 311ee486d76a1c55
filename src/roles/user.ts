import type { Account } from '../kernel/account.ts'
import type { Phone } from '../kernel/phone.ts'
import { atLeast, type EffectiveRole, type Role } from './role.ts'

/** Somebody the bot knows. */
export interface User {
  readonly id: string
  /** The account by which they are called: a phone number if they have one. */
  readonly account: Account
  readonly name: string | null
  readonly role: Role
  readonly whitelisted: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

/**
 * The owner that the terminal is where nobody else is one, for trying out. Its number can belong to nobody, it is
 * never the last owner once there is another, and it goes when a real one is seeded.
 */
export const TRIAL_OWNER: Phone = '+15550000001'

/** What somebody may do at this moment: the only place where that is decided. */
export function effectiveRole(user: User | undefined): EffectiveRole {
  return user?.role ?? 'NONE'
}

/** Whitelist mode never locks out those who could switch it off. */
export const isWhitelisted = (user: User): boolean => user.whitelisted || atLeast(user.role, 'ADMIN')
