import { ChatwardenError } from '../../kernel/errors.ts'
import { csv, moderationCsv } from './csv.ts'
import type { Format } from './format.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'

export type ExportFormat = 'json' | 'jsonl' | 'csv'
/** Whose columns a CSV has: document 002's without one. */
export type ExportProfile = 'moderation'

/** How a file is written. */
export interface ExportShape {
  readonly format: ExportFormat
  readonly profile?: ExportProfile | undefined
  /** Whether a CSV begins with a byte order mark, by which Excel sees that it is UTF-8 (RFC 3629, section 6). */
  readonly bom?: boolean | undefined
}

const FORMATS: Readonly<Record<string, Format>> = { json, jsonl, csv, 'csv moderation': moderationCsv }

/** @throws {ChatwardenError} `INVALID_ARGUMENT` if there is no such format. */
export function formatOf(name: ExportFormat, { profile, bom = false }: Omit<ExportShape, 'format'> = {}): Format {
  const key = profile === undefined ? name : `${name} ${profile}`
  const format = Object.hasOwn(FORMATS, key) ? FORMATS[key] : undefined
  if (format === undefined || (bom && name !== 'csv'))
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `format must be json, jsonl or csv, and a profile or a byte order mark goes with csv; not ${key}.`,
    )
  return bom ? { ...format, head: `\uFEFF${format.head}` } : format
}
