import { newId } from '../kernel/ids.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import type { Prisma } from '../storage/prisma.ts'
import type { Block } from './block.repository.ts'
import { type EffectiveRole, isRole, ROLES, type Role } from './role.ts'
import { TRIAL_OWNER, type User } from './user.ts'

type UserRow = Prisma.UserGetPayload<object>
type Users = Pick<Reader, 'user'>

/** Every command asks this several times, so it goes past the query builder, which takes twice as long. */
export async function findUser(db: Pick<Reader, '$queryRaw'>, phoneNumber: string): Promise<User | undefined> {
  const [row] = await db.$queryRaw<UserRow[]>`
    SELECT id, phone_number AS "phoneNumber", name, role, whitelisted, created_at AS "createdAt", updated_at AS "updatedAt"
    FROM users WHERE phone_number = ${phoneNumber}`
  return row && required(row)
}

/** Somebody with what keeps them out, in one question: it is asked for every command. */
export async function findUserWithBlock(
  db: Pick<Reader, '$queryRaw'>,
  phoneNumber: string,
): Promise<{ readonly user: User; readonly block: Block | undefined } | undefined> {
  const [row] = await db.$queryRaw<(UserRow & { until: Date | null; reason: string | null; by: string; at: Date })[]>`
    SELECT u.id, u.phone_number AS "phoneNumber", u.name, u.role, u.whitelisted, u.created_at AS "createdAt",
      u.updated_at AS "updatedAt", b.until, b.reason, b.blocked_by AS "by", b.blocked_at AS "at"
    FROM users u LEFT JOIN blocks b ON b.phone_number = u.phone_number WHERE u.phone_number = ${phoneNumber}`
  if (row === undefined) return undefined
  const { until, reason, by, at, ...userRow } = row
  const user = required(userRow)
  const block = by === null ? undefined : { phoneNumber: user.phoneNumber, until, reason, blockedBy: by, blockedAt: at }
  return { user, block }
}

export async function findUserById(db: Users, id: string): Promise<User | undefined> {
  return toUser(await db.user.findUnique({ where: { id } }))
}

/** Users of one role by number, after `afterPhone`. */
export async function usersWithRole(db: Users, role: Role, limit: number, afterPhone = ''): Promise<User[]> {
  const rows = await db.user.findMany({
    where: { role, phoneNumber: { gt: afterPhone } },
    orderBy: { phoneNumber: 'asc' },
    take: limit,
  })
  return rows.map(required)
}

export async function countByRole(db: Users): Promise<Record<Role, number>> {
  const groups = await db.user.groupBy({ by: ['role'], _count: true })
  const counts = Object.fromEntries(ROLES.map((role) => [role, 0])) as Record<Role, number>
  for (const { role, _count } of groups) if (isRole(role)) counts[role] = _count
  return counts
}

/** Owners who can act in a real chat: all but the terminal's trial owner. */
export async function realOwners(db: Users): Promise<User[]> {
  const rows = await db.user.findMany({
    where: { role: 'OWNER', phoneNumber: { not: TRIAL_OWNER } },
    orderBy: { createdAt: 'asc' },
  })
  return rows.map(required)
}

/** The names of those of the numbers that have one. */
export async function namesOf(db: Users, phones: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.user.findMany({ where: { phoneNumber: { in: [...phones] } } })
  return new Map(rows.flatMap(({ phoneNumber, name }) => (name === null ? [] : [[phoneNumber, name] as const])))
}

/** Users on the whitelist by number, after `afterPhone`. */
export async function whitelistedUsers(db: Users, limit: number, afterPhone = ''): Promise<User[]> {
  const rows = await db.user.findMany({
    where: { whitelisted: true, phoneNumber: { gt: afterPhone } },
    orderBy: { phoneNumber: 'asc' },
    take: limit,
  })
  return rows.map(required)
}

/** Call it only together with the entry that says so. */
export async function saveWhitelisted(tx: WriteTransaction, phoneNumber: Phone, whitelisted: boolean, now: Date) {
  await tx.user.updateMany({ where: { phoneNumber }, data: { whitelisted, updatedAt: now } })
}

/** Sets a role, adding the user if need be. Call it only together with the entry that says so. */
export async function saveRole(tx: WriteTransaction, phoneNumber: Phone, role: Role, now: Date): Promise<void> {
  await tx.user.upsert({
    where: { phoneNumber },
    create: { id: newId(), phoneNumber, role, createdAt: now, updatedAt: now },
    update: { role, updatedAt: now },
  })
}

/** Keeps the name that the platform gives a user. It is shown, never trusted. */
export async function saveName(tx: WriteTransaction, phoneNumber: Phone, name: string): Promise<void> {
  await tx.user.updateMany({ where: { phoneNumber }, data: { name } })
}

/** With which role each of these numbers was seeded before, if it was. */
export async function seededRoles(
  db: Pick<Reader, 'seededNumber'>,
  phones: readonly Phone[],
): Promise<Map<string, EffectiveRole>> {
  const rows = await db.seededNumber.findMany({ where: { phoneNumber: { in: [...phones] } } })
  return new Map(rows.map(({ phoneNumber, role }) => [phoneNumber, isRole(role) ? role : 'NONE']))
}

export async function markSeeded(tx: WriteTransaction, phoneNumber: Phone, role: Role, seededAt: Date): Promise<void> {
  const seeded = { role, seededAt }
  await tx.seededNumber.upsert({ where: { phoneNumber }, create: { phoneNumber, ...seeded }, update: seeded })
}

const toUser = (row: UserRow | null): User | undefined => (row === null ? undefined : required(row))

function required(row: UserRow): User {
  if (!isRole(row.role)) throw new Error(`The user ${row.id} has an unknown role.`)
  return { ...row, role: row.role, phoneNumber: row.phoneNumber as Phone, whitelisted: Boolean(row.whitelisted) }
}
