import type { Phone } from '../kernel/phone.ts'
import type { Reader } from '../storage/contract.ts'
import { blockedAmong } from './block.repository.ts'
import { realOwners } from './stored-user.repository.ts'
import { TRIAL_OWNER, type User } from './user.ts'

type Owners = Pick<Reader, 'user' | 'block'>

/** Owners who can act in a real chat at this moment: not the terminal's trial owner, and nobody who is blocked. */
export async function activeOwners(db: Owners, now: number): Promise<User[]> {
  const owners = await realOwners(db)
  const blocked = await blockedAmong(
    db,
    owners.map(({ phoneNumber }) => phoneNumber),
    now,
  )
  return owners.filter(({ phoneNumber }) => !blocked.has(phoneNumber))
}

/** Whether without this owner nobody could act as one. The trial owner does not count once there is another. */
export async function isLastOwner(db: Owners, phone: Phone, now: number): Promise<boolean> {
  const others = (await activeOwners(db, now)).filter((owner) => owner.phoneNumber !== phone)
  return phone !== TRIAL_OWNER && others.length === 0
}
