import type { Replay, ReplayedEntry } from './replay.ts'

/** Whether nothing was removed by age while the clock was in doubt, and each doubt was ended itself. */
export class ClockReplay implements Replay {
  readonly actions = ['CLOCK_DOUBTED', 'CLOCK_TRUSTED', 'AUDIT_RETENTION', 'AUDIT_ARCHIVE_REMOVED']
  /** By which entry it is. */
  #doubt: number | undefined

  judge({ action, metadata }: ReplayedEntry): string | undefined {
    if (action === 'CLOCK_TRUSTED' && this.#doubt !== undefined && metadata.since !== this.#doubt)
      return `the clock trusted after the doubt of entry ${metadata.since}, and it was in doubt by entry ${this.#doubt}`
    const { deletedCount, ranges } = metadata
    const isOfNothing = deletedCount === 0 && Array.isArray(ranges) && ranges.length === 0
    const isRemoval = action === 'AUDIT_ARCHIVE_REMOVED' || (action === 'AUDIT_RETENTION' && !isOfNothing)
    if (!isRemoval || this.#doubt === undefined) return undefined
    return `${action} while the clock was in doubt, by entry ${this.#doubt}`
  }

  take({ seq, action }: ReplayedEntry): void {
    if (action === 'CLOCK_DOUBTED') this.#doubt = seq
    if (action === 'CLOCK_TRUSTED') this.#doubt = undefined
  }
}
