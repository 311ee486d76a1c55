import type { WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'

/** Which of these ids are those of entries, or of such that were written late and have left the database since. */
export async function writtenBefore(db: WriteTransaction, ids: readonly string[]): Promise<Set<string>> {
  const isOne = db.dialect.isAmong(Prisma.sql`id`, ids)
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM audit_replays WHERE ${isOne} UNION SELECT id FROM audit_logs WHERE ${isOne}`
  return new Set(rows.map(({ id }) => id))
}

/** Remembers entries that are written late, in the commit that writes them. */
export async function rememberReplayed(db: WriteTransaction, ids: readonly string[], now: Date): Promise<void> {
  const rows = db.dialect.rows([
    { type: 'text', values: ids },
    { type: 'time', values: ids.map(() => now.getTime()) },
  ])
  await db.$executeRaw`
    INSERT INTO audit_replays (id, replayed_at) SELECT ${rows.column(0)}, ${rows.column(1)} FROM ${rows.from}`
}

/** What waited so long to be written does not come again. */
export async function forgetReplayed(db: WriteTransaction, before: Date): Promise<void> {
  await db.auditReplay.deleteMany({ where: { replayedAt: { lt: before } } })
}
