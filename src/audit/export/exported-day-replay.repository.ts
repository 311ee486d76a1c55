import type { Snapshot } from '../../storage/contract.ts'
import { SYSTEM } from '../entry/entry.ts'
import type { Moment, Replay, ReplayedEntry } from '../verify/replay.ts'
import { type DayName, isDayName, lastEnded } from './export-days.ts'

/** The last day that was exported: the next export goes on after it, and what lies before it is not looked for. */
export class ExportedDayReplay implements Replay {
  readonly actions = ['AUDIT_LOG_EXPORTED', 'AUDIT_BACKUP_RESTORED']
  /** The last day of which an entry says that it was exported, and the last that may have been passed over. */
  #exported: DayName = ''
  #passed: DayName = ''

  take({ action, account, createdAt, metadata }: ReplayedEntry): void {
    const { by, filters } = metadata as { by?: unknown; filters?: { since?: unknown } }
    const isDaily = action === 'AUDIT_LOG_EXPORTED' && account === SYSTEM.account && by === 'directory'
    // Days of which the files may be there already are passed over.
    if (action === 'AUDIT_BACKUP_RESTORED') this.#passed = latest(this.#passed, lastEnded(createdAt.getTime()))
    else if (isDaily) this.#exported = latest(this.#exported, String(filters?.since).slice(0, 10))
  }

  async compare(snapshot: Snapshot, moment: Moment): Promise<string[]> {
    const rows = await snapshot.read<[string]>('SELECT day FROM exported_days')
    const days = rows.map(([day]) => day)
    const known = latest(this.#exported, this.#passed)
    // Where retention has removed what says so, none can be of a day that is not over.
    const last = known === '' ? lastEnded(moment.latest) : known
    const wrong = days.filter((day) => !isDayName(day) || day > last)
    const isForgotten = this.#exported !== '' && !days.some((day) => day >= this.#exported)
    return [
      ...wrong.map((day) => `the export of ${day}, which was not`),
      ...(isForgotten ? [`the export of ${this.#exported}, which is forgotten`] : []),
    ]
  }
}

const latest = (one: DayName, other: string): DayName => (isDayName(other) && other > one ? other : one)
