import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** A command that waits to be confirmed. */
export interface Confirmation {
  readonly requestId: string
  /** The id of the user who asked. */
  readonly requestedBy: string
  readonly command: string
  readonly values: Readonly<Record<string, unknown>>
  readonly expiresAt: Date
}

/** Keeps a code for each person who may confirm. */
export async function saveConfirmations(
  tx: WriteTransaction,
  codes: readonly { readonly confirmer: string; readonly code: string }[],
  { values, ...confirmation }: Confirmation,
): Promise<void> {
  const row = { ...confirmation, arguments: JSON.stringify(values) }
  for (const { confirmer, code } of codes)
    await tx.confirmation.upsert({
      where: { confirmer_code: { confirmer, code } },
      create: { confirmer, code, ...row },
      update: row,
    })
}

/** Drops what somebody asked for before by the same command: only the last of it can be confirmed. */
export async function forgetRequests(tx: WriteTransaction, requestedBy: string, command: string): Promise<void> {
  await tx.confirmation.deleteMany({ where: { requestedBy, command } })
}

/** What this person's code stands for, if it has not expired. */
export async function findConfirmation(
  db: Pick<Reader, 'confirmation'>,
  confirmer: string,
  code: string,
  now: number,
): Promise<Confirmation | undefined> {
  const row = await db.confirmation.findUnique({ where: { confirmer_code: { confirmer, code } } })
  if (row === null || row.expiresAt.getTime() <= now) return undefined
  const { requestId, requestedBy, command, arguments: values, expiresAt } = row
  return { requestId, requestedBy, command, values: JSON.parse(values), expiresAt }
}

/** Uses up every code of one request. @returns `false` if somebody did before. */
export async function takeConfirmation(tx: WriteTransaction, requestId: string): Promise<boolean> {
  return (await tx.confirmation.deleteMany({ where: { requestId } })).count > 0
}

export async function forgetConfirmations(tx: WriteTransaction, expiredBefore: Date): Promise<void> {
  await tx.confirmation.deleteMany({ where: { expiresAt: { lt: expiredBefore } } })
}
