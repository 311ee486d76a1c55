import { MINUTE } from '../kernel/clock.ts'
import type { Reader, WriteTransaction } from '../storage/database.ts'

/** Denials of one sender are answered and written one by one this often in one window; beyond, they are counted. */
export const DENIALS_ANSWERED = 5
export const DENIAL_WINDOW = 10 * MINUTE

/** A window that has ended with denials that were only counted. */
export interface EndedWindow {
  readonly sender: string
  readonly untold: number
}

/**
 * Counts one denial of `sender`.
 * @returns how many there were in this window, and what the window before left to be told.
 */
export async function countDenial(
  tx: WriteTransaction,
  sender: string,
  now: number,
): Promise<{ count: number; ended: EndedWindow | undefined }> {
  const row = await tx.denialWindow.findUnique({ where: { sender } })
  const isOpen = row !== null && now < row.startedAt.getTime() + DENIAL_WINDOW
  const window = isOpen ? { startedAt: row.startedAt, count: row.count + 1 } : { startedAt: new Date(now), count: 1 }
  await tx.denialWindow.upsert({ where: { sender }, create: { sender, ...window }, update: window })
  return { count: window.count, ended: row === null || isOpen ? undefined : toTell(row) }
}

/** Whether `endWindows` would find any. */
export async function hasEndedWindows(reader: Reader, now: number): Promise<boolean> {
  return (await reader.denialWindow.findFirst({ where: endedBy(now) })) !== null
}

/** Removes the windows that have ended. @returns those with denials to be told. */
export async function endWindows(tx: WriteTransaction, now: number): Promise<EndedWindow[]> {
  const rows = await tx.denialWindow.findMany({ where: endedBy(now) })
  await tx.denialWindow.deleteMany({ where: endedBy(now) })
  return rows.flatMap((row) => toTell(row) ?? [])
}

const endedBy = (now: number) => ({ startedAt: { lte: new Date(now - DENIAL_WINDOW) } })

function toTell({ sender, count }: { sender: string; count: number }): EndedWindow | undefined {
  return count > DENIALS_ANSWERED ? { sender, untold: count - DENIALS_ANSWERED } : undefined
}
