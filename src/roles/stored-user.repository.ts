import type { Account } from '../kernel/account.ts'
import { newId } from '../kernel/ids.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'
import type { Block } from './block.repository.ts'
import { CALLED_FIRST, findLink, saveLink } from './link.repository.ts'
import { type EffectiveRole, isRole, ROLES, type Role } from './role.ts'
import { TRIAL_OWNER, type User } from './user.ts'

type UserRow = Omit<User, 'role' | 'whitelisted'> & { readonly role: string; readonly whitelisted: unknown }
type Users = Pick<Reader, 'user'>
type Raw = Pick<Reader, '$queryRaw'>

/** A user by the alias `u`, called by their number where they have one. Past the query builder, which takes twice as long. */
const USER = Prisma.sql`u.id, u.name, u.role, u.whitelisted, u.created_at AS "createdAt", u.updated_at AS "updatedAt",
  (SELECT account FROM accounts WHERE user_id = u.id ORDER BY ${CALLED_FIRST} LIMIT 1) AS "account"`

/** Whose an account is. Every command asks this several times. */
export async function findUser(db: Raw, account: string): Promise<User | undefined> {
  const [row] = await db.$queryRaw<UserRow[]>`
    SELECT ${USER} FROM accounts a JOIN users u ON u.id = a.user_id WHERE a.account = ${account}`
  return row && required(row)
}

/** Somebody with what keeps them out the longest, in one question: it is asked for every command. */
export async function findUserWithBlock(
  db: Raw,
  account: string,
): Promise<{ readonly user: User; readonly block: Block | undefined } | undefined> {
  type Blocked = { blocked: Account | null; until: Date | null; reason: string | null; by: Account; at: Date }
  const [row] = await db.$queryRaw<(UserRow & Blocked)[]>`
    SELECT ${USER}, b.account AS "blocked", b.until, b.reason, b.blocked_by AS "by", b.blocked_at AS "at"
    FROM accounts a JOIN users u ON u.id = a.user_id
      LEFT JOIN blocks b ON b.account IN (SELECT account FROM accounts WHERE user_id = u.id)
    WHERE a.account = ${account} ORDER BY b.until IS NULL DESC, b.until DESC LIMIT 1`
  if (row === undefined) return undefined
  const { blocked, until, reason, by: blockedBy, at: blockedAt, ...userRow } = row
  const block = blocked === null ? undefined : { account: blocked, until, reason, blockedBy, blockedAt }
  return { user: required(userRow), block }
}

export async function findUserById(db: Raw, id: string): Promise<User | undefined> {
  const [row] = await db.$queryRaw<UserRow[]>`SELECT ${USER} FROM users u WHERE u.id = ${id}`
  return row && required(row)
}

/** Users of one role, who was added first first, after the user with the id `after`. */
export function usersWithRole(db: Raw, role: Role, limit: number, after = ''): Promise<User[]> {
  return usersWhere(db, Prisma.sql`u.role = ${role} AND u.id > ${after}`, limit)
}

export async function countByRole(db: Users): Promise<Record<Role, number>> {
  const groups = await db.user.groupBy({ by: ['role'], _count: true })
  const counts = Object.fromEntries(ROLES.map((role) => [role, 0])) as Record<Role, number>
  for (const { role, _count } of groups) if (isRole(role)) counts[role] = _count
  return counts
}

/** Up to two users one of whose numbers ends in these digits. */
export function usersByDigits(db: Raw, digits: string): Promise<User[]> {
  const ends = Prisma.sql`SELECT user_id FROM accounts WHERE account LIKE ${`+%${digits}`}`
  return digits.length < 7 ? Promise.resolve([]) : usersWhere(db, Prisma.sql`u.id IN (${ends})`, 2)
}

/** Owners who can act in a real chat: all but the terminal's trial owner. */
export function realOwners(db: Raw): Promise<User[]> {
  return usersWhere(
    db,
    Prisma.sql`u.role = 'OWNER' AND u.id NOT IN (SELECT user_id FROM accounts WHERE account = ${TRIAL_OWNER})`,
  )
}

/** The names of those of the accounts whose person has one. */
export async function namesOf(db: Raw, accounts: readonly string[]): Promise<Map<string, string>> {
  if (accounts.length === 0) return new Map()
  const rows = await db.$queryRaw<{ account: string; name: string }[]>`
    SELECT a.account, u.name FROM accounts a JOIN users u ON u.id = a.user_id
    WHERE u.name IS NOT NULL AND a.account IN (${Prisma.join(accounts)})`
  return new Map(rows.map(({ account, name }) => [account, name]))
}

/** Users on the whitelist, who was added first first, after the user with the id `after`. */
export function whitelistedUsers(db: Raw, limit: number, after = ''): Promise<User[]> {
  return usersWhere(db, Prisma.sql`u.whitelisted AND u.id > ${after}`, limit)
}

/** Call it only together with the entry that says so. */
export async function saveWhitelisted(tx: WriteTransaction, id: string, whitelisted: boolean, now: Date) {
  await tx.user.update({ where: { id }, data: { whitelisted, updatedAt: now } })
}

/**
 * Sets a role, adding the user if need be. Call it only together with the entry that says so.
 * @returns the id of the user.
 */
export async function saveRole(tx: WriteTransaction, account: Account, role: Role, now: Date): Promise<string> {
  const link = await findLink(tx, account)
  if (link !== undefined) {
    await tx.user.update({ where: { id: link.userId }, data: { role, updatedAt: now } })
    return link.userId
  }
  const id = newId()
  await tx.user.create({ data: { id, role, createdAt: now, updatedAt: now } })
  await saveLink(tx, { account, userId: id, proof: 'given', phone: null, since: now })
  return id
}

/** Call it only together with the entry that says so, and when none of their accounts is theirs any more. */
export async function removeUser(tx: WriteTransaction, id: string): Promise<void> {
  await tx.user.delete({ where: { id } })
}

/** Keeps the name that the platform gives a user. It is shown, never trusted. */
export async function saveName(tx: WriteTransaction, id: string, name: string): Promise<void> {
  await tx.user.update({ where: { id }, data: { name } })
}

/** With which role each of these accounts was seeded before, if it was. */
export async function seededRoles(
  db: Pick<Reader, 'seededAccount'>,
  accounts: readonly Account[],
): Promise<Map<string, EffectiveRole>> {
  const rows = await db.seededAccount.findMany({ where: { account: { in: [...accounts] } } })
  return new Map(rows.map(({ account, role }) => [account, isRole(role) ? role : 'NONE']))
}

export async function markSeeded(tx: WriteTransaction, account: Account, role: Role, seededAt: Date): Promise<void> {
  const seeded = { role, seededAt }
  await tx.seededAccount.upsert({ where: { account }, create: { account, ...seeded }, update: seeded })
}

async function usersWhere(db: Raw, where: Prisma.Sql, limit = Number.MAX_SAFE_INTEGER): Promise<User[]> {
  const rows = await db.$queryRaw<
    UserRow[]
  >`SELECT ${USER} FROM users u WHERE ${where} ORDER BY u.id LIMIT ${BigInt(limit)}`
  return rows.map(required)
}

function required(row: UserRow): User {
  if (!isRole(row.role)) throw new Error(`The user ${row.id} has an unknown role.`)
  return { ...row, role: row.role, whitelisted: Boolean(row.whitelisted) }
}
