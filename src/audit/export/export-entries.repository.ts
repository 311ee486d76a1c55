import type { Snapshot } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { AuditFilter } from '../entry/audit-filter.ts'
import { entryPages, type Order } from '../read/entry-pages.repository.ts'
import { type Ask, asking, rangeOf, type Times } from '../read/seq-range.repository.ts'
import { ENTRY_COLUMNS } from '../read/stored-entries.repository.ts'
import type { ExportEntry } from './export-entry.ts'

type Row = Omit<ExportEntry, 'createdAt'> & { createdAt: number | Date }

/** Few enough that what is done with is collected cheaply: a thousand would take a tenth more memory. */
const PAGE = 250
/** Where every page is a round trip and a look into every part. */
const PAGE_OF_PARTS = 2000

/** The entries that match, page by page, as they were at the moment of the snapshot. */
export class ExportEntries {
  readonly #ask: Ask

  constructor(snapshot: Snapshot) {
    this.#ask = asking(snapshot.dialect, (question) => snapshot.rows(question))
  }

  /** How far apart the first and the last that could match are: what there is to look through at most. */
  async span(filter: AuditFilter, times?: Times): Promise<number> {
    const { from, to } = await rangeOf(filter, this.#ask, times)
    return Math.max(0, to - from + 1)
  }

  async *pages(filter: AuditFilter, order: Order, times?: Times): AsyncGenerator<ExportEntry[]> {
    const range = await rangeOf(filter, this.#ask, times)
    // As text: a buffer for each would cost more than all else.
    const columns = Prisma.sql`${ENTRY_COLUMNS}, ${this.#ask.dialect.hex(Prisma.sql`nonce`)} AS nonce`
    const pageSize = this.#ask.dialect.isPartitioned ? PAGE_OF_PARTS : PAGE
    for await (const page of entryPages<Row>({ columns, filter, range, order, pageSize }, this.#ask)) {
      for (const row of page) row.createdAt = new Date(row.createdAt)
      yield page as ExportEntry[]
    }
  }

  /** The signed head; empty text before the first entry. */
  async checkpoint(): Promise<string> {
    const [head] = await this.#ask.rows<{ checkpoint: string }>(
      Prisma.sql`SELECT checkpoint FROM audit_head WHERE id = 1`,
    )
    return head?.checkpoint ?? ''
  }
}
