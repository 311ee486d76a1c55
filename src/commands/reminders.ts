import type { AuditTransaction } from '../audit/write/change.ts'
import { DAY } from '../kernel/clock.ts'
import type { Source } from '../kernel/message.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import type { Reader } from '../storage/contract.ts'
import type { Note, Services } from './command.ts'
import { type Code, type Confirmation, dueReminders, OPERATOR, remindAgain } from './confirmation.repository.ts'
import { isToldBy } from './confirmation.ts'
import { keepNotes } from './keep-notes.ts'
import { findCommand } from './registry.ts'
import { written } from './written.ts'

export const hasDueReminders = async (reader: Reader, now: number): Promise<boolean> =>
  (await dueReminders(reader, now)).length > 0

interface Telling extends Pick<Services, 'texts' | 'clock' | 'prefix' | 'time'> {
  readonly settings: Known
}
type Known = Pick<Services['settings'], 'find'>

/** Reminds each day who has not confirmed yet, and in the end tells who asked that nobody did. `source`: by which chat. */
export async function remind({ db }: AuditTransaction, source: Source | undefined, services: Telling): Promise<void> {
  const now = services.clock.now()
  const notes: Note[] = []
  for (const due of await dueReminders(db, now)) {
    const next = now + DAY
    const isLast = due.confirmer === OPERATOR || next >= due.expiresAt.getTime()
    await remindAgain(db, due, isLast ? null : new Date(next))
    const asker = await findUserById(db, due.requestedBy)
    const told = due.confirmer === OPERATOR ? asker : await findUserById(db, due.confirmer)
    if (asker === undefined || told === undefined || due.expiresAt.getTime() <= now !== (due.confirmer === OPERATOR))
      continue
    notes.push({ account: told.account, text: textOf(due, asker.account, services), role: 'OWNER' })
  }
  if (source === undefined) return
  await keepNotes(
    db,
    source,
    notes.filter(({ account }) => isToldBy(source, account)),
    now,
  )
}

function textOf(due: Confirmation & Code, asker: string, { texts, prefix, time, settings }: Telling): string {
  const what = `${prefix} ${lineOf(due, settings)}`
  if (due.confirmer === OPERATOR) return texts.confirm.unconfirmed(what)
  return texts.confirm.remind(what, asker, `${prefix} confirm ${due.code}`, time(due.expiresAt))
}

/** What was asked for, as a command, without the value of a secret setting. */
export function lineOf({ command: name, values }: Confirmation, settings: Known): string {
  const command = findCommand(name)
  const isSecret = typeof values.key === 'string' && settings.find(values.key)?.secret !== false
  return command === undefined ? name : written({ command, values }, !isSecret)
}
