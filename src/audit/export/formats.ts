import { ChatwardenError } from '../../kernel/errors.ts'
import { csv, moderationCsv } from './csv.ts'
import type { Format } from './format.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'

export type ExportFormat = 'json' | 'jsonl' | 'csv'
/** Whose columns a CSV has: document 002's without one. */
export type ExportProfile = 'moderation'

const FORMATS: Readonly<Record<string, Format>> = { json, jsonl, csv, 'csv moderation': moderationCsv }

/** @throws {ChatwardenError} `INVALID_ARGUMENT` if there is no such format. */
export function formatOf(name: ExportFormat, profile?: ExportProfile): Format {
  const key = profile === undefined ? name : `${name} ${profile}`
  const format = Object.hasOwn(FORMATS, key) ? FORMATS[key] : undefined
  if (format === undefined)
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `format must be json, jsonl or csv, and a profile goes with csv; not ${key}.`,
    )
  return format
}
