import { constants } from 'node:buffer'
import { createHash } from 'node:crypto'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { AuditFilter } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import type { StoredEntries } from '../read/stored-entries.repository.ts'
import type { ExportEntry } from './export-entry.ts'
import { formatOf } from './formats.ts'
import { pieces } from './pieces.ts'

/** Entries that become one piece of text: enough to write in large pieces, few enough to hold. */
const CHUNK = 500

export interface ExportedText {
  readonly text: string
  readonly count: number
  /** Of the text in UTF-8, in hex. */
  readonly sha256: string
}

/** All entries that match as one text. @throws {ChatwardenError} `EXPORT_TOO_LARGE` where a string cannot hold it. */
export async function exportToText(
  logs: StoredEntries,
  filter: AuditFilter,
  format: 'json' | 'csv',
): Promise<ExportedText> {
  const parts: string[] = []
  const hash = createHash('sha256')
  const counted = { count: 0 }
  let length = 0
  for await (const piece of pieces(chunks(logs.iterate(filter)), formatOf(format), counted)) {
    length += piece.length
    if (length > constants.MAX_STRING_LENGTH) throw new ChatwardenError('EXPORT_TOO_LARGE')
    parts.push(piece)
    hash.update(piece)
  }
  return { text: parts.join(''), count: counted.count, sha256: hash.digest('hex') }
}

/** Neither format has the nonce. */
async function* chunks(entries: AsyncIterable<AuditLog>) {
  let chunk: ExportEntry[] = []
  for await (const entry of entries) {
    if (chunk.push({ ...entry, nonce: '' }) === CHUNK) {
      yield chunk
      chunk = []
    }
  }
  yield chunk
}
