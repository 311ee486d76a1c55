import type { Snapshot } from '../../storage/contract.ts'
import type { Hash } from '../tree/hash.ts'
import type { Verifier } from '../tree/note.ts'

/** An entry that was found to be unaltered. */
export interface ReplayedEntry {
  readonly seq: number
  readonly createdAt: Date
  readonly source: string
  readonly action: string
  /** The person who acted, by the id of their user. */
  readonly userId: string | null
  /** By which account somebody acted. */
  readonly account: string
  readonly userRole: string
  readonly resourceId: string | null
  /** The person acted upon, by the id of their user. */
  readonly subjectId: string | null
  readonly channelId: string | null
  readonly requestId: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** Its leaf in the tree. */
  readonly leaf: Hash
}

/** How an entry follows the one before it. */
export interface Surroundings {
  /** Retention had removed the one before it, so that it may not be the first of its act. */
  readonly isAfterGap: boolean
  /** Both belong to one act: what somebody wrote once, and all that came of it. */
  readonly continues: boolean
}

/** When the database is compared, and who signs it. */
export interface Moment {
  /** Now, or the time of the newest entry if it is later, in milliseconds: what has ended by then counts no more, though a clock was set back since. */
  readonly latest: number
  /** Those that sign now. */
  readonly keys: readonly Verifier[]
}

/** Brings together what entries established, entry by entry, and what the database says now. */
export interface Replay {
  readonly actions: readonly string[]
  /**
   * What an entry says that those before it do not bear out, in a few words. Asked of every entry, in the order of the
   * trail, before any replay takes it; the answer counts where retention has left all that it goes by.
   */
  judge?(entry: ReplayedEntry, surroundings: Surroundings): string | undefined
  /** Entries in the order of the trail. */
  take?(entry: ReplayedEntry): void
  /** @returns what is otherwise than the entries say, each in a few words, e.g. `role of +15550001111`. */
  compare?(snapshot: Snapshot, moment: Moment): Promise<readonly string[]>
}
