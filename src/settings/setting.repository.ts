import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** A setting that was set, as it is kept: JSON, or what `SecretBox` made of it. */
export interface StoredSetting {
  readonly name: string
  readonly value: string
  /** What counts until `effectiveAt`; `null` for the default. */
  readonly previous: string | null
  readonly effectiveAt: Date
}

export function storedSettings(db: Pick<Reader, 'setting'>): Promise<StoredSetting[]> {
  return db.setting.findMany()
}

export async function storedSetting(db: Pick<Reader, 'setting'>, name: string): Promise<StoredSetting | undefined> {
  return (await db.setting.findUnique({ where: { name } })) ?? undefined
}

/** Call it only together with the entry that says so. */
export async function saveSetting(tx: WriteTransaction, stored: StoredSetting, updatedAt: Date): Promise<void> {
  const { name, ...rest } = stored
  const row = { ...rest, updatedAt }
  await tx.setting.upsert({ where: { name }, create: { name, ...row }, update: row })
}

/** Back to the default. Call it only together with the entry that says so. */
export async function removeSetting(tx: WriteTransaction, name: string): Promise<void> {
  await tx.setting.deleteMany({ where: { name } })
}
