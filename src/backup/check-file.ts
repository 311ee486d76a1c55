import { parseCheckpoint } from '../audit/tree/checkpoint.ts'
import { NoteError, readNote } from '../audit/tree/note.ts'
import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import { type Verification, type VerifyOptions, verify } from '../audit/verify/verify.ts'
import { integrityProblem, isDamage } from '../storage/copy-database.ts'
import { openSnapshot } from '../storage/snapshot.ts'

/** Why a file is neither kept nor restored: it is no sound database, or the trail in it was changed. */
export type Objection = { readonly problem: string } | { readonly verification: Verification }

/** The trail's end in a file, as its head says; nothing of it is checked. */
export interface TrailEnd {
  /** The signed note; empty for a trail without entries. */
  readonly checkpoint: string
  readonly size: number
  /** When the last entry was written, in milliseconds. */
  readonly lastCreatedAt: number
}

/** What is wrong with a file as a database or, if it is one, why its trail can't be read. */
export async function checkDatabase(path: string): Promise<Objection | TrailEnd> {
  const problem = integrityProblem(path)
  return problem === undefined ? trailEnd(`file:${path}`) : { problem }
}

/** The end of the trail in a database; why it can't be read, if it can't. */
export async function trailEnd(url: string): Promise<Objection | TrailEnd> {
  const snapshot = await openSnapshot(url)
  try {
    const head = await new StoredTrail(snapshot).head()
    if (head === undefined) return { problem: 'the trail in it has no head' }
    const { checkpoint, lastCreatedAt } = head
    return { checkpoint, size: signedSize(checkpoint) ?? 0, lastCreatedAt: Number(lastCreatedAt) }
  } catch (error) {
    if (isDamage(error)) return { problem: error.message }
    if (/no such table|relation "\w+" does not exist/.test((error as Error).message))
      return { problem: 'there is no trail in it' }
    throw error
  } finally {
    await snapshot.close()
  }
}

/** The whole tree check of a database that nobody writes to. @throws {CheckpointError} */
export async function checkTrail(url: string, options: VerifyOptions): Promise<Verification> {
  const snapshot = await openSnapshot(url)
  try {
    return await verify(snapshot, options)
  } finally {
    await snapshot.close()
  }
}

/** The size in a checkpoint, whoever signed it; `undefined` if it is none. */
export function signedSize(note: string): number | undefined {
  try {
    return parseCheckpoint(readNote(note).text).size
  } catch (error) {
    if (error instanceof NoteError) return undefined
    throw error
  }
}
