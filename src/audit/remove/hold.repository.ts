import type { Reader, WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { AuditEntry } from '../entry/entry.ts'

/** The subject of a hold on everything. */
export const ALL_HELD = 'ALL' as const

/** A legal hold: neither retention nor erasure removes what it covers. */
export interface Hold {
  /** An account, whose person's entries, by and about them, stay, or `ALL`. */
  readonly subject: string
  readonly reason: string | null
  readonly heldBy: string
  readonly heldAt: Date
}

type Holds = Pick<Reader, 'auditHold'>

export function holds(db: Holds): Promise<Hold[]> {
  return db.auditHold.findMany({ orderBy: { heldAt: 'asc' } })
}

export async function findHold(db: Holds, subject: string): Promise<Hold | undefined> {
  return (await db.auditHold.findUnique({ where: { subject } })) ?? undefined
}

/** Call it only together with the entry that says so. */
export async function saveHold(tx: WriteTransaction, hold: Hold): Promise<void> {
  await tx.auditHold.create({ data: hold })
}

/** Call it only together with the entry that says so. */
export async function removeHold(tx: WriteTransaction, subject: string): Promise<void> {
  await tx.auditHold.deleteMany({ where: { subject } })
}

const USERS = Prisma.sql`SELECT user_id FROM accounts WHERE account IN (SELECT subject FROM audit_holds)`

/** The users whom a hold is on, by whichever of their accounts. */
export const HELD_USERS = Prisma.sql`(${USERS})`

/** Their accounts, and those held that are nobody's. */
export const HELD_ACCOUNTS = Prisma.sql`(SELECT subject FROM audit_holds
  UNION SELECT account FROM accounts WHERE user_id IN (${USERS}))`

/** Whom legal holds are on at this moment. */
export interface Held {
  readonly all: boolean
  readonly accounts: ReadonlySet<string>
  readonly userIds: ReadonlySet<string>
}

export async function heldNow(db: Pick<Reader, '$queryRaw'>): Promise<Held> {
  const accounts = await db.$queryRaw<{ account: string }[]>`SELECT subject AS account FROM ${HELD_ACCOUNTS} AS held`
  const users = await db.$queryRaw<{ id: string }[]>`SELECT user_id AS id FROM ${HELD_USERS} AS held`
  const names = new Set(accounts.map(({ account }) => account))
  return { all: names.has(ALL_HELD), accounts: names, userIds: new Set(users.map(({ id }) => id)) }
}

/** Whether a legal hold keeps what there is of somebody. */
export const holdsPerson = ({ all, accounts, userIds }: Held, who: Who): boolean =>
  all || userIds.has(who.userId ?? '') || who.accounts.some((account) => accounts.has(account))

/** Whether a legal hold keeps an entry that is not in the database. */
export const holdsEntry = (
  { all, accounts, userIds }: Held,
  entry: Pick<AuditEntry, 'account' | 'userId' | 'resourceType' | 'resourceId' | 'subjectId'>,
): boolean =>
  all ||
  accounts.has(entry.account) ||
  userIds.has(entry.userId ?? '') ||
  userIds.has(entry.subjectId ?? '') ||
  (entry.resourceType === 'user' && accounts.has(entry.resourceId ?? ''))
