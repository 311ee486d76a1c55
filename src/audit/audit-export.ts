import { constants } from 'node:buffer'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify/sync'
import { ChatwardenError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { isPhone } from '../kernel/phone.ts'
import type { AuditFilter } from './audit-filter.ts'
import type { AuditLogs } from './audit-log.repository.ts'
import type { AuditLog } from './entry.ts'

export type ExportFormat = 'json' | 'csv'

/** Entries that become one piece of text: enough to write in large pieces, few enough to hold. */
const CHUNK = 500

const COLUMNS = [
  'id',
  'seq',
  'createdAt',
  'source',
  'category',
  'action',
  'phoneNumber',
  'actorName',
  'userRole',
  'userId',
  'resourceType',
  'resourceId',
  'channelId',
  'requestId',
  'ipAddress',
  'userAgent',
  'description',
  'metadata',
] as const satisfies readonly (keyof AuditLog)[]

/**
 * Writes all entries that match, newest first, to a file that appears under its name only when it is complete.
 * @returns how many entries it holds.
 */
export async function exportToFile(
  logs: AuditLogs,
  filter: AuditFilter,
  format: ExportFormat,
  path: string,
): Promise<number> {
  const partial = `${path}.${newId()}.partial`
  let count = 0
  try {
    const counted = async function* () {
      for await (const entry of logs.iterate(filter)) {
        count++
        yield entry
      }
    }
    await pipeline(FORMATS[format](counted()), createWriteStream(partial, { mode: 0o600, flush: true }))
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
  return count
}

/** @throws {ChatwardenError} `EXPORT_TOO_LARGE` where a string cannot hold it. */
export async function exportToText(logs: AuditLogs, filter: AuditFilter, format: ExportFormat): Promise<string> {
  const pieces: string[] = []
  let length = 0
  for await (const piece of FORMATS[format](logs.iterate(filter))) {
    length += piece.length
    if (length > constants.MAX_STRING_LENGTH) throw new ChatwardenError('EXPORT_TOO_LARGE')
    pieces.push(piece)
  }
  return pieces.join('')
}

const FORMATS: Record<ExportFormat, (entries: AsyncIterable<AuditLog>) => AsyncGenerator<string>> = {
  /** An array, one entry a line, `metadata` as an object. */
  json: async function* (entries) {
    let separator = '[\n'
    for await (const chunk of chunks(entries)) {
      yield separator + chunk.map(jsonEntry).join(',\n')
      separator = ',\n'
    }
    yield separator === '[\n' ? '[]\n' : '\n]\n'
  },
  /** RFC 4180 with a header line. */
  csv: async function* (entries) {
    yield `${COLUMNS.join(',')}\r\n`
    for await (const chunk of chunks(entries))
      yield stringify(
        chunk.map((entry) => COLUMNS.map((column) => csvCell(entry[column]))),
        // Of line ends, the library itself quotes only the one between records.
        { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
      )
  },
}

function jsonEntry({ metadata, ...entry }: AuditLog): string {
  return `${JSON.stringify(entry).slice(0, -1)},"metadata":${metadata}}`
}

/**
 * A cell that no spreadsheet takes for a formula: text that begins like one is led by an apostrophe (OWASP, CSV
 * injection). A plain phone number is left as it is, so that it can be read and imported again.
 */
function csvCell(value: AuditLog[keyof AuditLog]): string | number {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number' || isPhone(value)) return value
  return /^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(value) ? `'${value}` : value
}

async function* chunks<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = []
  for await (const item of items) {
    if (chunk.push(item) === CHUNK) {
      yield chunk
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk
}
