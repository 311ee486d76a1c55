import type { WriteTransaction } from '../../storage/database.ts'

/** Which of these keys are those of entries that were imported. */
export async function importedKeys(db: WriteTransaction, keys: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ key: string }[]>`
    SELECT key FROM audit_imports WHERE key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`
  return new Set(rows.map(({ key }) => key))
}

/** Remembers the keys of entries that are imported in the same transaction. */
export async function rememberImported(db: WriteTransaction, keys: readonly string[], now: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO audit_imports (key, imported_at) SELECT value, ${now} FROM json_each(${JSON.stringify(keys)})`
}
