import { objectIn } from '../../kernel/json.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import type { MissingTrigger } from '../../storage/schema/deviations.ts'

/** Makes a trigger again, unless another process did so meanwhile. @returns whether it did. */
export async function putBackTrigger(db: WriteTransaction, { question, statement }: MissingTrigger): Promise<boolean> {
  const works = await db.$queryRawUnsafe<unknown[]>(question)
  if (works.length > 0) return false
  await db.$executeRawUnsafe(statement)
  return true
}

/** By which the trail last said that it knows what others have in the database. */
export async function knownDigests(db: WriteTransaction): Promise<ReadonlySet<unknown>> {
  const [row] = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'DATABASE_OBJECTS_FOUND' AND source <> 'import' ORDER BY seq DESC LIMIT 1`
  return new Set(digestsIn(row?.metadata))
}

/** Of an entry that is none of ours, none. */
function digestsIn(metadata: string | undefined): readonly unknown[] {
  const { digests } = objectIn(metadata) ?? {}
  return Array.isArray(digests) ? digests : []
}
