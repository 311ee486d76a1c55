import type { AuditTransaction } from '../audit/write/change.ts'
import type { Account } from '../kernel/account.ts'
import { newId } from '../kernel/ids.ts'
import type { Source } from '../kernel/message.ts'
import type { Note } from './command.ts'
import { keepReplies } from './outbox.repository.ts'
import { toNote } from './replies.ts'

/** Keeps notes that answer nothing, in the commit of what they are about, until the chat named has sent them. */
export async function keepNotes(tx: AuditTransaction, source: Source, notes: readonly Note[], now: number) {
  for (const note of notes)
    await keepReplies(tx, source, fromNobody(note.account), [toNote(note)], undefined, null, new Date(now))
}

/** What a note that answers nothing stands under. */
const fromNobody = (account: Account) => ({
  id: newId(),
  chat: { id: account, kind: 'private' as const },
  sender: { id: account },
})
