import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { accountOf } from '../../kernel/phone.ts'
import type { Snapshot } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { AuditLog } from '../entry/entry.ts'
import { ENTRY_COLUMNS } from '../read/stored-entries.repository.ts'
import type { Subject } from '../remove/removal.repository.ts'

const PAGE = 1000

/** Every entry by or about one person, each once, as they were at the moment of the snapshot. */
export class SubjectEntries {
  readonly #snapshot: Snapshot
  readonly #walks: readonly Prisma.Sql[]

  private constructor(snapshot: Snapshot, walks: readonly Prisma.Sql[]) {
    this.#snapshot = snapshot
    this.#walks = walks
  }

  static async of(snapshot: Snapshot, { userId, phoneNumber, accounts = [] }: Subject): Promise<SubjectEntries> {
    const actors = new Set([...(phoneNumber === undefined ? [] : [phoneNumber]), ...accounts])
    for (const account of accounts) for (const device of await devicesOf(snapshot, account)) actors.add(device)
    // Each is one value of one index, in which the entries stand in their order.
    const walks = [...actors].map((actor) => Prisma.sql`phone_number = ${actor}`)
    if (userId !== undefined) walks.push(Prisma.sql`user_id = ${userId}`)
    if (phoneNumber !== undefined) walks.push(Prisma.sql`resource_id = ${phoneNumber} AND resource_type = 'user'`)
    return new SubjectEntries(snapshot, walks)
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
    return Prisma.sql`SELECT ${ENTRY_COLUMNS} FROM audit_logs WHERE seq IN (${Prisma.join(firsts, ' UNION ALL ')}) ${end}`
  }
}

const ask = <Row>(snapshot: Snapshot, question: Prisma.Sql): Promise<Row[]> => snapshot.rows<Row>(question)

/** How an account's devices are named in the trail: `123:21@lid` is one of `123@lid`. */
async function devicesOf(snapshot: Snapshot, account: string): Promise<string[]> {
  if (!account.includes('@')) return []
  const start = account.replace(/@.*$/s, '')
  const rows = await ask<{ actor: string }>(
    snapshot,
    Prisma.sql`SELECT DISTINCT phone_number AS actor FROM audit_logs
      WHERE phone_number >= ${`${start}:`} AND phone_number < ${`${start};`}`,
  )
  return rows.map(({ actor }) => actor).filter((actor) => accountOf(actor) === account)
}
