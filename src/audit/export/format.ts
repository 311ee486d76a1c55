import type { Order } from '../read/entry-pages.repository.ts'
import type { ExportEntry } from './export-entry.ts'

/** How entries become a file. A new format is its file and a line in `formats.ts`. */
export interface Format {
  /** Of the file's name, without a dot. */
  readonly extension: string
  readonly mimeType: string
  readonly order: Order
  readonly head: string
  /** What stands before the first line, if there is any. */
  readonly first: string
  /** What stands between two lines. */
  readonly between: string
  /** Several entries, with `between` between them. */
  lines(entries: readonly ExportEntry[]): string
  /** What stands after the last of `count` entries. */
  tail(count: number): string
}
