import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** The people that Chatwarden knows, as they are now. */
export interface PeopleNow {
  /** How many users each role has, for roles that have any. */
  readonly roles: ReadonlyMap<string, number>
  readonly whitelisted: number
  readonly blocked: number
}

export async function peopleNow(snapshot: Snapshot, now: Date): Promise<PeopleNow> {
  const roles = await snapshot.read<[string, number]>('SELECT role, count(*) FROM users GROUP BY role')
  const [whitelisted] = await snapshot.read<[number]>('SELECT count(*) FROM users WHERE whitelisted')
  const [blocked] = await snapshot.read<[number]>('SELECT count(*) FROM blocks WHERE until IS NULL OR until > ?', now)
  return { roles: new Map(roles), whitelisted: whitelisted?.[0] ?? 0, blocked: blocked?.[0] ?? 0 }
}

/** The names of those of the accounts whose person has one. */
export async function namesOf(snapshot: Snapshot, accounts: readonly string[]): Promise<Map<string, string>> {
  const rows = await snapshot.read<[string, string]>(
    Prisma.sql`SELECT a.account, u.name FROM accounts a JOIN users u ON u.id = a.user_id
     WHERE ${snapshot.dialect.isAmong(Prisma.sql`a.account`, accounts)} AND u.name IS NOT NULL`,
  )
  return new Map(rows)
}
