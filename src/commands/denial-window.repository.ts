import type { AuditTransaction } from '../audit/write/change.ts'
import { MINUTE } from '../kernel/clock.ts'
import { numbersIn } from '../kernel/json.ts'
import type { Reader } from '../storage/contract.ts'

/** Denials of one sender are answered and written one by one this often within one window; beyond, they are counted. */
export const DENIALS_ANSWERED = 5
export const DENIAL_WINDOW = 10 * MINUTE

/** A window that has ended with denials that were only counted. */
export interface EndedWindow {
  readonly sender: string
  readonly untold: number
}

/**
 * Counts one denial of `sender`. The window slides: no ten minutes ever hold more than five that are answered.
 * @returns whether it is one of those, and what ended with it.
 */
export async function countDenial(
  tx: Sealing,
  { sender, account }: { readonly sender: string; readonly account: string },
  now: number,
): Promise<{ isAnswered: boolean; ended: EndedWindow | undefined }> {
  const own = await find(tx, sender)
  // What was counted of an account before its person was known goes on as the person's.
  const before = own === undefined && account !== sender ? await find(tx, account) : undefined
  if (before !== undefined) await tx.db.denialWindow.delete({ where: { sender: account } })
  const row = own ?? before
  const answered = recent(row?.answered ?? '[]', now)
  const isAnswered = answered.length < DENIALS_ANSWERED
  if (isAnswered) answered.push(now)
  const counted = row?.counted ?? 0
  await save(tx, {
    sender,
    answered: JSON.stringify(answered),
    counted: isAnswered ? 0 : counted + 1,
    expiresAt: endOf(answered),
  })
  return { isAnswered, ended: isAnswered && counted > 0 ? { sender, untold: counted } : undefined }
}

/** Whether `endWindows` would find any. */
export async function hasEndedWindows(reader: Reader, now: number): Promise<boolean> {
  return (await reader.denialWindow.findFirst({ where: endedBy(now) })) !== null
}

/** Ends the windows that have passed. @returns those with denials to be told. */
export async function endWindows(tx: Sealing, now: number): Promise<EndedWindow[]> {
  const rows = await tx.db.denialWindow.findMany({ where: endedBy(now) })
  const ended: EndedWindow[] = []
  for (const row of rows) {
    const { sender, answered, counted } = row
    const isOurs = tx.seals.isSealed('denial_windows', row)
    const left = isOurs ? recent(answered, now) : []
    if (left.length === 0) await tx.db.denialWindow.delete({ where: { sender } })
    else await save(tx, { sender, answered: JSON.stringify(left), counted: 0, expiresAt: endOf(left) })
    if (isOurs && counted > 0) ended.push({ sender, untold: counted })
  }
  return ended
}

type Sealing = Pick<AuditTransaction, 'db' | 'seals' | 'seal'>

interface Window {
  readonly sender: string
  readonly answered: string
  readonly counted: number
  readonly expiresAt: Date
}

/** An entry says how often somebody was denied something: what somebody else counted is none. */
async function find({ db, seals }: Sealing, sender: string): Promise<Window | undefined> {
  const row = await db.denialWindow.findUnique({ where: { sender } })
  return row !== null && seals.isSealed('denial_windows', row) ? row : undefined
}

async function save(tx: Sealing, { sender, answered, counted, expiresAt }: Window): Promise<void> {
  const row = { sender, answered, counted, expiresAt }
  const sealed = { ...row, seal: await tx.seal('denial_windows', row) }
  await tx.db.denialWindow.upsert({ where: { sender }, create: sealed, update: sealed })
}

/** What a clock that was ahead wrote counts as none: it must keep nobody from an answer. */
const recent = (answered: string, now: number): number[] =>
  numbersIn(answered).filter((time) => time > now - DENIAL_WINDOW && time <= now)

/** A window ends when its oldest answer has passed: then there is room for another. */
const endOf = (answered: readonly number[]): Date => new Date(Math.min(...answered) + DENIAL_WINDOW)

const endedBy = (now: number) => ({ expiresAt: { lte: new Date(now) } })
