import { isPhone } from '../kernel/phone.ts'
import { isClaimed } from '../roles/claim.repository.ts'
import { activeOwners } from '../roles/owners.ts'
import type { User } from '../roles/user.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import type { Note } from './command.ts'

/**
 * A note to each owner but those of these ids. With whose number another account has appeared is not written to:
 * it goes to the number, which may be somebody else's by now.
 */
export async function notesToOwners(
  db: WriteTransaction,
  text: string,
  but: readonly (string | undefined)[],
  now: number,
): Promise<Note[]> {
  const owners = await reachableOwners(db, now)
  return owners.filter(({ id }) => !but.includes(id)).map(({ account }) => ({ account, text, role: 'OWNER' }))
}

/** Owners who can act at this moment and whose number is not in doubt. */
export async function reachableOwners(db: WriteTransaction, now: number): Promise<User[]> {
  const reachable: User[] = []
  for (const owner of await activeOwners(db, now))
    if (!isPhone(owner.account) || !(await isClaimed(db, owner.account))) reachable.push(owner)
  return reachable
}
