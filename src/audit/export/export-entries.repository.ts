import { Prisma } from '../../storage/generated/client.ts'
import type { Snapshot } from '../../storage/snapshot.ts'
import type { AuditFilter } from '../audit-filter.ts'
import { ENTRY_COLUMNS } from '../audit-log.repository.ts'
import { type Ask, entryPages, type Order, rangeOf } from '../entry-pages.repository.ts'
import type { ProvableEntry } from '../proof.repository.ts'

type Row = Omit<ProvableEntry, 'createdAt'> & { createdAt: number | Date }

/** The entries that match, page by page, as they were at the moment of the snapshot. */
export class ExportEntries {
  readonly #ask: Ask

  constructor(snapshot: Snapshot) {
    this.#ask = (question) => snapshot.rows(question.sql, question.values)
  }

  /** How far apart the first and the last that could match are: what there is to look through at most. */
  async span(filter: AuditFilter): Promise<number> {
    const { from, to } = await rangeOf(filter, this.#ask)
    return Math.max(0, to - from + 1)
  }

  async *pages(filter: AuditFilter, order: Order): AsyncGenerator<ProvableEntry[]> {
    const range = await rangeOf(filter, this.#ask)
    const columns = Prisma.sql`${ENTRY_COLUMNS}, nonce`
    for await (const page of entryPages<Row>({ columns, filter, range, order }, this.#ask)) {
      for (const row of page) row.createdAt = new Date(row.createdAt)
      yield page as ProvableEntry[]
    }
  }

  /** The signed head; empty text before the first entry. */
  async checkpoint(): Promise<string> {
    const [head] = await this.#ask<{ checkpoint: string }>(Prisma.sql`SELECT checkpoint FROM audit_head WHERE id = 1`)
    return head?.checkpoint ?? ''
  }
}
