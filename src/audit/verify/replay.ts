import type { Snapshot } from '../../storage/contract.ts'

/** An entry that was found to be unaltered. */
export interface ReplayedEntry {
  readonly seq: number
  readonly createdAt: Date
  readonly action: string
  /** By which account somebody acted. */
  readonly account: string
  readonly resourceId: string | null
  /** The person acted upon, by the id of their user. */
  readonly subjectId: string | null
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Brings together what entries established and what the database says now. */
export interface Replay {
  readonly actions: readonly string[]
  /** Entries in the order of the trail. */
  take(entry: ReplayedEntry): void
  /** @returns what is otherwise than the entries say, each in a few words, e.g. `role of +15550001111`. */
  compare(snapshot: Snapshot, now: Date): Promise<readonly string[]>
}
