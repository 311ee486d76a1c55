import type { AuditTransaction } from '../audit/write/change.ts'
import { DAY } from '../kernel/clock.ts'
import type { Source } from '../kernel/message.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import type { Reader } from '../storage/contract.ts'
import type { Note, Services } from './command.ts'
import { type Code, type Confirmation, dueReminders, OPERATOR, remindAgain } from './confirmation.repository.ts'
import { isToldBy } from './confirmation.ts'
import { keepNotes } from './keep-notes.ts'
import { reachableOwners } from './owners.ts'

export const hasDueReminders = async (reader: Reader, now: number): Promise<boolean> =>
  (await dueReminders(reader, now)).length > 0

type Telling = Pick<Services, 'texts' | 'clock' | 'prefix' | 'time'>

/** Reminds each day who has not confirmed yet, and in the end tells who asked that nobody did. `source`: by which chat. */
export async function remind(tx: AuditTransaction, source: Source | undefined, services: Telling): Promise<void> {
  const { db } = tx
  const now = services.clock.now()
  // Who is blocked by now, or whose number is in doubt, is told nothing.
  const reachable = new Set((await reachableOwners(db, now)).map(({ id }) => id))
  const notes: Note[] = []
  for (const due of await dueReminders(db, now)) {
    const next = now + DAY
    const isLast = due.confirmer === OPERATOR || next >= due.expiresAt.getTime()
    await remindAgain(db, due, isLast ? null : new Date(next))
    const asker = await findUserById(db, due.requestedBy)
    const told = due.confirmer === OPERATOR ? asker : await findUserById(db, due.confirmer)
    if (asker === undefined || told === undefined || !reachable.has(told.id)) continue
    if (due.expiresAt.getTime() <= now !== (due.confirmer === OPERATOR)) continue
    notes.push({ account: told.account, text: textOf(due, asker.account, services), role: 'OWNER' })
  }
  if (source === undefined) return
  await keepNotes(
    tx,
    source,
    notes.filter(({ account }) => isToldBy(source, account)),
    now,
  )
}

function textOf(due: Confirmation & Code, asker: string, { texts, prefix, time }: Telling): string {
  if (due.confirmer === OPERATOR) return texts.confirm.unconfirmed(due.what)
  return texts.confirm.remind(due.what, asker, `${prefix} confirm ${due.code}`, time(due.expiresAt))
}
