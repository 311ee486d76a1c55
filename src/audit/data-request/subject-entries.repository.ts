import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Snapshot } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import { ENTRY_COLUMNS } from '../read/stored-entries.repository.ts'
import { waysAbout, waysBy } from '../remove/person-entries.repository.ts'

const PAGE = 1000

/** Every entry by one person, or of some actions about them, each once, as they were at the moment of the snapshot. */
export class SubjectEntries {
  readonly #snapshot: Snapshot
  readonly #walks: readonly Prisma.Sql[]

  constructor(snapshot: Snapshot, who: Who, actions: readonly string[]) {
    this.#snapshot = snapshot
    // Each is one value of one index, in which the entries stand in their order.
    const isShown = Prisma.sql`action IN (${Prisma.join(actions)})`
    this.#walks = [...waysBy(who), ...waysAbout(who).map((way) => Prisma.sql`${way} AND ${isShown}`)]
  }

  async count(): Promise<number> {
    const all = this.#walks.map((where) => Prisma.sql`SELECT seq FROM audit_logs WHERE ${where}`)
    const [row] = await ask<{ n: number }>(
      this.#snapshot,
      Prisma.sql`SELECT count(*) AS n FROM (${Prisma.join(all, ' UNION ')}) AS entries`,
    )
    return row?.n ?? 0
  }

  /** The oldest first. */
  async *pages(): AsyncGenerator<AuditLog[]> {
    let after = -1
    for (;;) {
      const page = await ask<Omit<AuditLog, 'createdAt'> & { createdAt: number | Date }>(
        this.#snapshot,
        this.#page(after),
      )
      for (const row of page) row.createdAt = new Date(row.createdAt)
      if (page.length > 0) yield page as AuditLog[]
      if (page.length < PAGE) return
      after = page.at(-1)?.seq ?? after
      await yieldToOthers()
    }
  }

  /** The first of each walk, of which the first of all are some: a page costs the same wherever it is. */
  #page(after: number): Prisma.Sql {
    const end = Prisma.sql`ORDER BY seq LIMIT ${PAGE}`
    const firsts = this.#walks.map(
      (where) =>
        Prisma.sql`SELECT seq FROM (SELECT seq FROM audit_logs WHERE ${where} AND seq > ${after} ${end}) AS walk`,
    )
    return Prisma.sql`SELECT ${ENTRY_COLUMNS} FROM audit_logs WHERE seq IN (${Prisma.join(firsts, ' UNION ')}) ${end}`
  }
}

const ask = <Row>(snapshot: Snapshot, question: Prisma.Sql): Promise<Row[]> => snapshot.rows<Row>(question)
