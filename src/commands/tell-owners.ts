import type { AuditTransaction } from '../audit/write/change.ts'
import type { Source } from '../kernel/message.ts'
import type { Services } from './command.ts'
import { keepNotes } from './keep-notes.ts'
import { notesToOwners } from './owners.ts'

/** Tells every owner something that nobody did, by the chat named. */
export async function tellOwners(
  tx: AuditTransaction,
  source: Source,
  text: string,
  { clock }: Pick<Services, 'clock'>,
): Promise<void> {
  const now = clock.now()
  await keepNotes(tx, source, await notesToOwners(tx.db, text, [], now), now)
}
