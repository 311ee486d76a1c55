import { stringify } from 'csv-stringify/sync'
import { objectIn } from '../../kernel/json.ts'
import { csvCell } from './csv-cell.ts'
import type { ExportEntry } from './export-entry.ts'
import type { Format } from './format.ts'

type Value = string | number | Date | null

/** Document 002: every field of an entry. */
const COLUMNS = [
  'id',
  'seq',
  'createdAt',
  'source',
  'category',
  'action',
  'account',
  'phoneNumber',
  'actorName',
  'userRole',
  'userId',
  'resourceType',
  'resourceId',
  'subjectId',
  'channelId',
  'requestId',
  'ipAddress',
  'userAgent',
  'description',
  'metadata',
] as const satisfies readonly (keyof ExportEntry)[]

/** Document 000, "Export to CSV". */
const MODERATION: Readonly<Record<string, (entry: ExportEntry) => Value>> = {
  timestamp: ({ createdAt }) => createdAt,
  actor_username: ({ actorName }) => actorName,
  actor_id: ({ account }) => account,
  action: ({ action }) => action,
  resource_type: ({ resourceType }) => resourceType,
  resource_id: ({ resourceId }) => resourceId,
  channel_id: ({ channelId }) => channelId,
  reason: ({ metadata }) => reasonIn(metadata),
  ip_address: ({ ipAddress }) => ipAddress,
}

function reasonIn(metadata: string): string | null {
  if (!metadata.includes('"reason"')) return null
  const { reason } = objectIn(metadata) ?? {}
  if (reason === undefined || reason === null) return null
  return typeof reason === 'string' ? reason : JSON.stringify(reason)
}

/** RFC 4180 with a header line, newest first. */
const table = (names: readonly string[], cells: (entry: ExportEntry) => readonly Value[]): Format => ({
  extension: 'csv',
  mimeType: 'text/csv',
  order: 'newest',
  head: `${names.join(',')}\r\n`,
  first: '',
  between: '',
  lines: (entries) =>
    stringify(
      entries.map((entry) => cells(entry).map(cell)),
      // Of line ends, the library itself quotes only the one between records.
      { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
    ),
  tail: () => '',
})

function cell(value: Value): string | number {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'number' ? value : csvCell(value)
}

export const csv = table(COLUMNS, (entry) => COLUMNS.map((column) => entry[column]))

const moderationCells = Object.values(MODERATION)
export const moderationCsv = table(Object.keys(MODERATION), (entry) => moderationCells.map((of) => of(entry)))
