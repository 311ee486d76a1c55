import type { ExportEntry } from './export-entry.ts'
import type { Format } from './format.ts'

export interface Counted {
  count: number
}

/** The text of an export, piece by piece; `counted` says how many entries it has when it is at its end. */
export async function* pieces(
  pages: AsyncIterable<readonly ExportEntry[]>,
  format: Format,
  counted: Counted,
): AsyncGenerator<string> {
  yield format.head
  for await (const page of pages) {
    if (page.length === 0) continue
    yield (counted.count === 0 ? format.first : format.between) + format.lines(page)
    counted.count += page.length
  }
  yield format.tail(counted.count)
}
