import { csvSource } from './csv-source.ts'
import { jsonSource, lineSource } from './json-source.ts'
import type { SourceRecord } from './source-record.ts'

export type SourceFormat = 'jsonl' | 'json' | 'csv'

/** What a file holds, one after another. @throws {FileError} for what is not of that format. */
export async function* sourceRecords(path: string, format: SourceFormat): AsyncGenerator<SourceRecord> {
  if (format === 'csv') yield* csvSource(path)
  else if (format === 'jsonl') yield* lineSource(path)
  else yield* jsonSource(path)
}
