import type { WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'

/** Which of these keys are those of entries that were imported. */
export async function importedKeys(db: WriteTransaction, keys: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ key: string }[]>`
    SELECT key FROM audit_imports WHERE ${db.dialect.isAmong(Prisma.sql`key`, keys)}`
  return new Set(rows.map(({ key }) => key))
}

/** Remembers the keys of entries that are imported in the same transaction. */
export async function rememberImported(db: WriteTransaction, keys: readonly string[], now: Date): Promise<void> {
  await db.auditImport.createMany({ data: keys.map((key) => ({ key, importedAt: now })) })
}
