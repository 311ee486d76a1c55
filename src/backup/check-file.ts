import { type Checkpoint, unverifiedHead } from '../audit/tree/checkpoint.ts'
import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import { type Verification, type VerifyOptions, verify } from '../audit/verify/verify.ts'
import { conditionOf } from '../storage/condition.ts'
import type { Snapshot } from '../storage/contract.ts'
import { isDamage } from '../storage/copy-database.ts'
import { withSnapshot } from '../storage/snapshot.ts'

/** Why a file is neither kept nor restored: it is no sound database, or the trail in it was changed. */
export type Objection = { readonly problem: string } | { readonly verification: Verification }

/** The trail's end in a file, as its head says; nothing of it is checked. */
export interface TrailEnd extends Pick<Checkpoint, 'size' | 'root' | 'branches'> {
  /** The signed note; empty for a trail without entries. */
  readonly checkpoint: string
  /** When the last entry was written, in milliseconds. */
  readonly lastCreatedAt: number
}

/** What is wrong with a database by itself or, if nothing is, why its trail can't be read. */
export const checkDatabase = (url: string): Promise<Objection | TrailEnd> =>
  orDamage(url, async (snapshot) => (await unsound(snapshot)) ?? endOf(snapshot))

/** The end of the trail in a database; why it can't be read, if it can't. */
export const trailEnd = (url: string): Promise<Objection | TrailEnd> => orDamage(url, endOf)

async function unsound(snapshot: Snapshot): Promise<Objection | undefined> {
  const { deviations, damages } = await conditionOf(snapshot)
  const [problem] = [...damages, ...(deviations.isReadable ? [] : deviations.refused)]
  return problem === undefined ? undefined : { problem }
}

async function endOf(snapshot: Snapshot): Promise<Objection | TrailEnd> {
  const head = await new StoredTrail(snapshot).head()
  if (head === undefined) return { problem: 'the trail in it has no head' }
  const { checkpoint, lastCreatedAt } = head
  return trailEndOf(checkpoint, Number(lastCreatedAt))
}

/** What a head says, whoever signed it. */
export function trailEndOf(checkpoint: string, lastCreatedAt: number): TrailEnd {
  const { size, root, branches } = unverifiedHead(checkpoint)
  return { checkpoint, size, root, branches, lastCreatedAt }
}

async function orDamage<T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T | Objection> {
  try {
    return await withSnapshot(url, work)
  } catch (error) {
    if (isDamage(error)) return { problem: error.message }
    if (/no such table|relation "\w+" does not exist/.test((error as Error).message))
      return { problem: 'there is no trail in it' }
    throw error
  }
}

/** The whole check of a database that nobody writes to, and that is sound by itself. @throws {CheckpointError} */
export const checkTrail = (url: string, options: VerifyOptions): Promise<Verification> =>
  withSnapshot(url, (snapshot) => verify(snapshot, { ...options, isSound: true }))
