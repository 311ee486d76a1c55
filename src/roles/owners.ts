import type { Reader } from '../storage/contract.ts'
import { blockedAmong } from './block.repository.ts'
import { realOwners } from './stored-user.repository.ts'
import { TRIAL_OWNER, type User } from './user.ts'

type Raw = Pick<Reader, '$queryRaw'>

/** Owners who can act in a real chat at this moment: not the terminal's trial owner, and nobody who is blocked. */
export async function activeOwners(db: Raw, now: number): Promise<User[]> {
  const owners = await realOwners(db)
  const blocked = await blockedAmong(
    db,
    owners.map(({ id }) => id),
    now,
  )
  return owners.filter(({ id }) => !blocked.has(id))
}

/** Whether without this owner nobody could act as one. The trial owner does not count once there is another. */
export async function isLastOwner(db: Raw, { id, account }: User, now: number): Promise<boolean> {
  const others = (await activeOwners(db, now)).filter((owner) => owner.id !== id)
  return account !== TRIAL_OWNER && others.length === 0
}

/** Whether owners decide about owners by two: where there are two or more, blocked or not. */
export const areSeveralOwners = async (db: Raw): Promise<boolean> => (await realOwners(db)).length > 1
