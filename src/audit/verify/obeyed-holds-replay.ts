import { digestOfNames } from '../remove/obeyed.ts'
import type { Replay, ReplayedEntry, Surroundings } from './replay.ts'

/** Whether each removal obeyed the legal holds that stood then, by what an erasure says itself, and of others the entry before them. */
export class ObeyedHoldsReplay implements Replay {
  readonly actions = [
    'AUDIT_HOLDS_OBEYED',
    'AUDIT_ERASURE',
    'AUDIT_RETENTION',
    'AUDIT_ARCHIVE_REWRITTEN',
    'AUDIT_ARCHIVE_REMOVED',
  ]
  readonly #holds: { keys(): Iterable<string> }
  readonly #allOf: (subject: string) => Iterable<string>
  #said: { readonly seq: number; readonly digest: unknown } | undefined

  /** `holds`, and `allOf`, which is all that the person of an account is known by: both at this point of the trail. */
  constructor(holds: { keys(): Iterable<string> }, allOf: (subject: string) => Iterable<string>) {
    this.#holds = holds
    this.#allOf = allOf
  }

  judge(entry: ReplayedEntry, { isAfterGap }: Surroundings): string | undefined {
    const { seq, action, metadata } = entry
    switch (action) {
      case 'AUDIT_HOLDS_OBEYED':
        this.#said = { seq, digest: metadata.digest }
        return undefined
      case 'AUDIT_ERASURE':
        return this.#judge(action, metadata.obeyed)
      default: {
        // A clean-up that finds nothing to remove is an entry too.
        if (metadata.deletedCount === 0 || isAfterGap) return undefined
        return this.#judge(action, this.#said?.seq === seq - 1 ? this.#said.digest : undefined)
      }
    }
  }

  #judge(action: string, obeyed: unknown): string | undefined {
    const subjects = [...this.#holds.keys()]
    if (obeyed === digestOfNames(subjects.flatMap((subject) => [...this.#allOf(subject)]))) return undefined
    const stood = subjects.length === 0 ? 'none' : subjects.slice(0, 3).join(', ')
    const more = subjects.length > 3 ? ` and ${subjects.length - 3} more` : ''
    return `${action} by other legal holds than those that stood: ${stood}${more}`
  }
}
