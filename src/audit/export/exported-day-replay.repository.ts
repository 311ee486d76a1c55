import type { Snapshot } from '../../storage/contract.ts'
import { SYSTEM } from '../entry/entry.ts'
import type { Moment, Replay, ReplayedEntry } from '../verify/replay.ts'
import { type DayName, isDayName, lastEnded } from './export-days.ts'

/** The last day that was exported: the next export goes on after it, and what lies before it is not looked for. */
export class ExportedDayReplay implements Replay {
  readonly actions = ['AUDIT_LOG_EXPORTED', 'AUDIT_BACKUP_RESTORED']
  #last: DayName = ''

  take({ action, account, createdAt, metadata }: ReplayedEntry): void {
    const { by, filters } = metadata as { by?: unknown; filters?: { since?: unknown } }
    const isDaily = action === 'AUDIT_LOG_EXPORTED' && account === SYSTEM.account && by === 'directory'
    // Days of which the files may be there already are passed over.
    if (action === 'AUDIT_BACKUP_RESTORED') this.#go(lastEnded(createdAt.getTime()))
    else if (isDaily) this.#go(String(filters?.since).slice(0, 10))
  }

  #go(day: DayName): void {
    if (isDayName(day) && day > this.#last) this.#last = day
  }

  async compare(snapshot: Snapshot, { latest }: Moment): Promise<string[]> {
    const rows = await snapshot.read<[string]>('SELECT day FROM exported_days')
    // Where retention has removed what says so, none can be of a day that is not over.
    const last = this.#last === '' ? lastEnded(latest) : this.#last
    return rows.flatMap(([day]) => (isDayName(day) && day <= last ? [] : [`the export of ${day}, which was not`]))
  }
}
