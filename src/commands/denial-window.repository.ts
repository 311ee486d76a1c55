import { MINUTE } from '../kernel/clock.ts'
import { numbersIn } from '../kernel/json.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

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
  tx: WriteTransaction,
  sender: string,
  now: number,
): Promise<{ isAnswered: boolean; ended: EndedWindow | undefined }> {
  const row = await tx.denialWindow.findUnique({ where: { sender } })
  const answered = recent(row?.answered ?? '[]', now)
  const isAnswered = answered.length < DENIALS_ANSWERED
  if (isAnswered) answered.push(now)
  const counted = row?.counted ?? 0
  const window = {
    answered: JSON.stringify(answered),
    counted: isAnswered ? 0 : counted + 1,
    expiresAt: endOf(answered),
  }
  await tx.denialWindow.upsert({ where: { sender }, create: { sender, ...window }, update: window })
  return { isAnswered, ended: isAnswered && counted > 0 ? { sender, untold: counted } : undefined }
}

/** Whether `endWindows` would find any. */
export async function hasEndedWindows(reader: Reader, now: number): Promise<boolean> {
  return (await reader.denialWindow.findFirst({ where: endedBy(now) })) !== null
}

/** Ends the windows that have passed. @returns those with denials to be told. */
export async function endWindows(tx: WriteTransaction, now: number): Promise<EndedWindow[]> {
  const rows = await tx.denialWindow.findMany({ where: endedBy(now) })
  for (const { sender, answered } of rows) {
    const left = recent(answered, now)
    if (left.length === 0) await tx.denialWindow.delete({ where: { sender } })
    else {
      const data = { answered: JSON.stringify(left), counted: 0, expiresAt: endOf(left) }
      await tx.denialWindow.update({ where: { sender }, data })
    }
  }
  return rows.flatMap(({ sender, counted }) => (counted > 0 ? [{ sender, untold: counted }] : []))
}

/** What a clock that was ahead wrote counts as none: it must keep nobody from an answer. */
const recent = (answered: string, now: number): number[] =>
  numbersIn(answered).filter((time) => time > now - DENIAL_WINDOW && time <= now)

/** A window ends when its oldest answer has passed: then there is room for another. */
const endOf = (answered: readonly number[]): Date => new Date(Math.min(...answered) + DENIAL_WINDOW)

const endedBy = (now: number) => ({ expiresAt: { lte: new Date(now) } })
