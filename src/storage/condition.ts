import type { Snapshot } from './contract.ts'
import { integrityProblems } from './integrity.ts'
import type { Deviations } from './schema/deviations.ts'
import { schemaDeviations } from './schema/schema.ts'
import { valueProblems } from './values.ts'

/** In which condition a database is, whatever is in it. */
export interface Condition {
  readonly deviations: Deviations
  /** What is wrong with its tables and indices themselves, each in a few words. */
  readonly damages: readonly string[]
}

/**
 * Looks at a database by itself. As the first thing that is asked in its transaction. Nothing is read through what is not ours.
 * `isSound`: its tables and indices were found to be sound just now.
 */
export async function conditionOf(snapshot: Snapshot, isSound = false): Promise<Condition> {
  const deviations = await schemaDeviations(snapshot)
  if (isSound || !deviations.isReadable) return { deviations, damages: [] }
  const damages = await integrityProblems(snapshot)
  // What is broken can't be read.
  return { deviations, damages: damages.length > 0 ? damages : await valueProblems(snapshot) }
}
