import { DAY, HOUR } from '../kernel/clock.ts'
import { objectIn } from '../kernel/json.ts'
import { sha256OfText } from '../kernel/sha256.ts'
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
  /** The number of the entry by which it was asked for. */
  readonly requestSeq: number
  readonly expiresAt: Date
}

/** Who may confirm a command with which code, and when they are told of it again. */
export interface Code {
  /** The id of a user, or `OPERATOR`. */
  readonly confirmer: string
  readonly code: string
  readonly remindAt: Date | null
}

/** No code is valid for longer: 72 hours, and two for clocks that are set. */
const LONGEST = 74 * HOUR

/** Whoever runs the bot, as somebody who confirms: at the command line, where the other owners can't or don't. */
export const OPERATOR = 'OPERATOR'

/**
 * What stands in its entry for a code and all that it is for, but when somebody is to be reminded: SHA-256 in hex. The id of the
 * request, which is random and goes with the code, keeps everybody from finding the code out by trying.
 */
export function sealOf(of: Sealed & Pick<Code, 'confirmer' | 'code'>): string {
  const { requestId, requestedBy, command, values, subject, what, expiresAt, confirmer, code } = of
  const request = [requestId, requestedBy, command, JSON.stringify(values), subject, what, expiresAt.getTime()]
  return sha256OfText(JSON.stringify([...request, confirmer, code]))
}

export type Sealed = Omit<Confirmation, 'requestSeq'>

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

type Db = Pick<Reader, 'confirmation' | '$queryRaw'>

/** What this person's code stands for, if it has not expired. */
export async function findConfirmation(
  db: Db,
  confirmer: string,
  code: string,
  now: number,
): Promise<(Confirmation & Code) | undefined> {
  const row = await db.confirmation.findUnique({ where: { confirmer_code: { confirmer, code } } })
  const [found] = await requestedAmong(db, row === null ? [] : [row])
  return found === undefined || !isValid(found, now) ? undefined : found
}

/** By any clock: a code that is valid for longer than any is was given by one that was ahead. */
export const isValid = ({ expiresAt }: Pick<Confirmation, 'expiresAt'>, now: number): boolean =>
  expiresAt.getTime() > now && expiresAt.getTime() <= now + LONGEST

/** What waits for somebody else than who asked, with the operator's code for it, what expires first first. */
export async function waitingRequests(db: Db, now: number): Promise<(Confirmation & Code)[]> {
  const where = { confirmer: OPERATOR, expiresAt: { gt: new Date(now), lte: new Date(now + LONGEST) } }
  return requestedAmong(db, await db.confirmation.findMany({ where, orderBy: [{ expiresAt: 'asc' }, { code: 'asc' }] }))
}

/** The codes of whose requests somebody is to be reminded by now. */
export async function dueReminders(db: Db, now: number): Promise<(Confirmation & Code)[]> {
  return requestedAmong(db, await db.confirmation.findMany({ where: { remindAt: { lte: new Date(now) } } }))
}

export async function remindAgain(tx: WriteTransaction, { confirmer, code }: Code, remindAt: Date | null) {
  await tx.confirmation.updateMany({ where: { confirmer, code }, data: { remindAt } })
}

/** Uses up every code of one request. @returns `false` if somebody did before. */
export async function takeConfirmation(tx: WriteTransaction, requestId: string): Promise<boolean> {
  return (await tx.confirmation.deleteMany({ where: { requestId } })).count > 0
}

export async function forgetConfirmations(tx: WriteTransaction, now: number): Promise<void> {
  const [weekAgo, latest] = [new Date(now - 7 * DAY), new Date(now + LONGEST)]
  await tx.confirmation.deleteMany({ where: { OR: [{ expiresAt: { lt: weekAgo } }, { expiresAt: { gt: latest } }] } })
}

interface Row extends Omit<Confirmation, 'values'> {
  readonly arguments: string
}

/** Those that are as their entries say, which are the last of their kind, and that nobody has confirmed and no restored backup has ended since. */
async function requestedAmong<R extends Row & Code>(db: Db, rows: readonly R[]): Promise<(Confirmation & Code)[]> {
  const requested: (Confirmation & Code)[] = []
  for (const { arguments: values, ...row } of rows) {
    const confirmation = { ...row, values: objectIn(values) ?? {} }
    if (await isRequested(db, confirmation)) requested.push(confirmation)
  }
  return requested
}

/** An entry that asks for a confirmation. */
interface Said {
  readonly seq: number | bigint
  readonly userId: string | null
  readonly account: string
  readonly metadata: string
}

/** Whether the trail says the same. What is only in this table, nobody has asked for. */
async function isRequested(db: Pick<Db, '$queryRaw'>, request: Confirmation & Code): Promise<boolean> {
  const { requestSeq, requestedBy, command, subject } = request
  const entries = await db.$queryRaw<Said[]>`
    SELECT seq, user_id AS "userId", account, metadata FROM audit_logs
    WHERE action = 'CONFIRMATION_REQUESTED' AND seq >= ${BigInt(requestSeq)}`
  const said = entries
    .filter(({ userId, account }) => (userId ?? account) === requestedBy)
    .map(({ seq, metadata }) => ({ seq: Number(seq), ...objectIn(metadata) }) as Readonly<Record<string, unknown>>)
    .filter((each) => each.command === command && each.subject === subject)
  const [asked, askedAgain] = said
  const seals = asked?.seq === requestSeq && askedAgain === undefined ? asked.seals : undefined
  if (!Array.isArray(seals) || !seals.includes(sealOf(request))) return false
  const ended = await db.$queryRaw<unknown[]>`
    SELECT 1 AS given FROM audit_logs WHERE action = 'CONFIRMATION_GIVEN' AND resource_id = ${String(requestSeq)}
    UNION ALL SELECT 1 FROM audit_logs WHERE action = 'AUDIT_BACKUP_RESTORED' AND seq > ${BigInt(requestSeq)}`
  return ended.length === 0
}

/** Commands whose requests say themselves from what they change. */
export const OF_SETTINGS: readonly string[] = ['set', 'reset']

/** What makes a request one of something that is no more as it was. */
export const CHANGES = [
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
  { requestSeq }: Pick<Confirmation, 'requestSeq'>,
): Promise<boolean> {
  const changes = Prisma.sql`action IN (${Prisma.join(CHANGES)}) AND seq > ${BigInt(requestSeq)}`
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM audit_logs WHERE resource_id IN (${Prisma.join(ids)}) AND ${changes} LIMIT 1`
  if (rows.length > 0 || userId === undefined) return rows.length > 0
  const about = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM audit_logs WHERE subject_id = ${userId} AND ${changes} LIMIT 1`
  return about.length > 0
}
