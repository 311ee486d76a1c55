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

/** The names of those of the numbers that have one. */
export async function namesOf(snapshot: Snapshot, phones: readonly string[]): Promise<Map<string, string>> {
  const rows = await snapshot.read<[string, string]>(
    Prisma.sql`SELECT phone_number, name FROM users
     WHERE ${snapshot.dialect.isAmong(Prisma.sql`phone_number`, phones)} AND name IS NOT NULL`,
  )
  return new Map(rows)
}
