import type { WriteTransaction } from './contract.ts'

/** Whether taking out what was removed also rewrites the whole database, as for a small file it does. */
export async function isRewritten(db: Pick<WriteTransaction, '$queryRaw' | 'dialect'>): Promise<boolean> {
  return db.dialect.name === 'sqlite' && isSmall(db)
}

/** Above this, rewriting the file would keep everybody waiting. */
const SMALL_BYTES = 64 * 1024 * 1024

/** Whether a SQLite file is so small that it can be rewritten. */
export async function isSmall(db: Pick<WriteTransaction, '$queryRaw'>): Promise<boolean> {
  const [file] = await db.$queryRaw<{ bytes: number | bigint }[]>`
    SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`
  return Number(file?.bytes ?? 0) <= SMALL_BYTES
}
