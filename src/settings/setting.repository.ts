import { sha256OfText } from '../kernel/sha256.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** A setting that was set, as it is kept: JSON, or what `SecretBox` made of it. */
export interface StoredSetting {
  readonly name: string
  readonly value: string
  /** What counts until `effectiveAt`; `null` for the default. */
  readonly previous: string | null
  readonly effectiveAt: Date
  readonly updatedAt: Date
}

/** What stands in the entry of a change for all that its row says: SHA-256 in hex. */
export const digestOfSetting = ({ value, previous, effectiveAt, updatedAt }: Omit<StoredSetting, 'name'>): string =>
  sha256OfText(JSON.stringify([value, previous, effectiveAt.getTime(), updatedAt.getTime()]))

export function storedSettings(db: Pick<Reader, 'setting'>): Promise<StoredSetting[]> {
  return db.setting.findMany()
}

export async function storedSetting(db: Pick<Reader, 'setting'>, name: string): Promise<StoredSetting | undefined> {
  return (await db.setting.findUnique({ where: { name } })) ?? undefined
}

/** Call it only together with the entry that says so. */
export async function saveSetting(tx: WriteTransaction, { name, ...row }: StoredSetting): Promise<void> {
  await tx.setting.upsert({ where: { name }, create: { name, ...row }, update: row })
}

/** Back to the default. Call it only together with the entry that says so. */
export async function removeSetting(tx: WriteTransaction, name: string): Promise<void> {
  await tx.setting.deleteMany({ where: { name } })
}
