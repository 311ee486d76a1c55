import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** A command that waits to be confirmed. */
export interface Confirmation {
  readonly requestId: string
  /** The id of the user who asked. */
  readonly requestedBy: string
  readonly command: string
  readonly values: Readonly<Record<string, unknown>>
  /** What it concerns, as its entry says it. */
  readonly subject: string
  /** What it would do, for people. */
  readonly what: string
  /** How many entries the trail had when it was asked for. */
  readonly trailSize: number
  readonly expiresAt: Date
}

/** Who may confirm a command with which code, and when they are told of it again. */
export interface Code {
  /** The id of a user, or `OPERATOR`. */
  readonly confirmer: string
  readonly code: string
  readonly remindAt: Date | null
}

/** Whoever runs the bot, as somebody who confirms: at the command line, where the other owners can't or don't. */
export const OPERATOR = 'OPERATOR'

/** Keeps a code for each person who may confirm. One that they have already for something else fails: it must not come to mean this. */
export async function saveConfirmations(
  tx: WriteTransaction,
  codes: readonly Code[],
  { values, ...confirmation }: Confirmation,
): Promise<void> {
  for (const { confirmer, code, remindAt } of codes)
    await tx.confirmation.create({
      data: { ...confirmation, confirmer, code, remindAt, arguments: JSON.stringify(values) },
    })
}

/** Drops what somebody asked for before of the same kind and about the same: only the last of it can be confirmed. */
export async function forgetRequests(
  tx: WriteTransaction,
  { requestedBy, command, subject }: Pick<Confirmation, 'requestedBy' | 'command' | 'subject'>,
): Promise<void> {
  await tx.confirmation.deleteMany({ where: { requestedBy, command, subject } })
}

type Db = Pick<Reader, 'confirmation'>

/** What this person's code stands for, if it has not expired. */
export async function findConfirmation(
  db: Db,
  confirmer: string,
  code: string,
  now: number,
): Promise<Confirmation | undefined> {
  const row = await db.confirmation.findUnique({ where: { confirmer_code: { confirmer, code } } })
  return row === null || row.expiresAt.getTime() <= now ? undefined : confirmationOf(row)
}

/** What waits for somebody else than who asked, with the operator's code for it, what expires first first. */
export async function waitingRequests(db: Db, now: number): Promise<(Confirmation & Code)[]> {
  const where = { confirmer: OPERATOR, expiresAt: { gt: new Date(now) } }
  const rows = await db.confirmation.findMany({ where, orderBy: [{ expiresAt: 'asc' }, { code: 'asc' }] })
  return rows.map((row) => ({ ...row, ...confirmationOf(row) }))
}

/** The codes of whose requests somebody is to be reminded by now. */
export async function dueReminders(db: Db, now: number): Promise<(Confirmation & Code)[]> {
  const rows = await db.confirmation.findMany({ where: { remindAt: { lte: new Date(now) } } })
  return rows.map((row) => ({ ...row, ...confirmationOf(row) }))
}

export async function remindAgain(tx: WriteTransaction, { confirmer, code }: Code, remindAt: Date | null) {
  await tx.confirmation.updateMany({ where: { confirmer, code }, data: { remindAt } })
}

/** Uses up every code of one request. @returns `false` if somebody did before. */
export async function takeConfirmation(tx: WriteTransaction, requestId: string): Promise<boolean> {
  return (await tx.confirmation.deleteMany({ where: { requestId } })).count > 0
}

export async function forgetConfirmations(tx: WriteTransaction, expiredBefore: Date): Promise<void> {
  await tx.confirmation.deleteMany({ where: { expiresAt: { lt: expiredBefore } } })
}

interface Row extends Omit<Confirmation, 'values'> {
  readonly arguments: string
}

const confirmationOf = ({ arguments: values, ...row }: Row): Confirmation => ({ ...row, values: JSON.parse(values) })

/** What makes a request one of something that is no more as it was. */
const CHANGES = [
  'ROLE_CHANGE',
  'IDENTITY_CONFIRMED',
  'IDENTITY_FORGOTTEN',
  'IDENTITY_LEFT',
  'USER_BLOCK',
  'USER_UNBLOCK',
  'AUDIT_HOLD_ADD',
  'AUDIT_HOLD_REMOVE',
  'CONFIG_UPDATE',
]

/** Whether by its entries something has changed since a request about it was made, and be it changed back. */
export async function hasChangedSince(
  db: Pick<Reader, '$queryRaw'>,
  { userId, ids }: { readonly userId: string | undefined; readonly ids: readonly string[] },
  { trailSize }: Pick<Confirmation, 'trailSize'>,
): Promise<boolean> {
  const changes = Prisma.sql`action IN (${Prisma.join(CHANGES)}) AND seq >= ${trailSize}`
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM audit_logs WHERE resource_id IN (${Prisma.join(ids)}) AND ${changes} LIMIT 1`
  if (rows.length > 0 || userId === undefined) return rows.length > 0
  const about = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM audit_logs WHERE subject_id = ${userId} AND ${changes} LIMIT 1`
  return about.length > 0
}
