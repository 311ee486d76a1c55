import { digestOfHeld } from '../remove/obeyed.ts'
import type { Replay, ReplayedEntry, Surroundings } from './replay.ts'

/** What a hold on an account keeps: all that is its person's. */
type AllOf = (subject: string) => Iterable<string>

/** Where entries that remove say how many went. */
const REMOVED: Readonly<Record<string, string>> = {
  AUDIT_RETENTION: 'deletedCount',
  AUDIT_ERASURE: 'erasedCount',
  AUDIT_ARCHIVE_REWRITTEN: 'removedCount',
  AUDIT_ARCHIVE_REMOVED: 'entryCount',
}

/** Whether each removal obeyed the legal holds that stood then, by what the entry before it says. */
export class ObeyedHolds implements Replay {
  readonly actions = ['AUDIT_HOLDS_OBEYED', ...Object.keys(REMOVED)]
  readonly #holds: { keys(): Iterable<string> }
  readonly #allOf: AllOf
  #said: { readonly seq: number; readonly digest: unknown } | undefined

  /** `holds`: at this point of the trail, as is `allOf`. */
  constructor(holds: { keys(): Iterable<string> }, allOf: AllOf) {
    this.#holds = holds
    this.#allOf = allOf
  }

  judge({ seq, action, metadata }: ReplayedEntry, { isAfterGap }: Surroundings): string | undefined {
    if (action === 'AUDIT_HOLDS_OBEYED') {
      this.#said = { seq, digest: metadata.digest }
      return undefined
    }
    const removed = Number(metadata[REMOVED[action] ?? ''])
    if (removed === 0 || isAfterGap) return undefined
    const said = this.#said?.seq === seq - 1 ? this.#said.digest : undefined
    const standing = digestOfHeld([...this.#holds.keys()].flatMap((subject) => [...this.#allOf(subject)]))
    return said === standing ? undefined : `it removed ${removed} entries, and not by the legal holds that stood then`
  }
}
