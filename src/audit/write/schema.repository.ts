import type { WriteTransaction } from '../../storage/contract.ts'
import type { MissingTrigger } from '../../storage/schema/deviations.ts'

/** Makes a trigger again, unless another process did so meanwhile. @returns whether it did. */
export async function putBackTrigger(db: WriteTransaction, { question, statement }: MissingTrigger): Promise<boolean> {
  const works = await db.$queryRawUnsafe<unknown[]>(question)
  if (works.length > 0) return false
  await db.$executeRawUnsafe(statement)
  return true
}

/** What the trail last said that others have in the database, as the metadata of that entry. */
export async function lastFound(db: WriteTransaction): Promise<string | undefined> {
  const [row] = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'DATABASE_OBJECTS_FOUND' ORDER BY seq DESC LIMIT 1`
  return row?.metadata
}
