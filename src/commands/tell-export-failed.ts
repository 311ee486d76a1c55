import type { ExportFailure } from '../audit/export/export-failure.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Source } from '../kernel/message.ts'
import type { Services } from './command.ts'
import { keepNotes } from './keep-notes.ts'
import { notesToOwners } from './owners.ts'

/** Tells every owner that the daily export failed, by the chat named. */
export async function tellExportFailed(
  tx: AuditTransaction,
  source: Source,
  { texts, clock }: Pick<Services, 'texts' | 'clock'>,
  { day, reason }: ExportFailure,
): Promise<void> {
  const now = clock.now()
  const notes = await notesToOwners(tx.db, texts.exported.dailyFailed(day, reason), [], now)
  await keepNotes(tx, source, notes, now)
}
