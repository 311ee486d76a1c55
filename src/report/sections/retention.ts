import { line, type Section, table, warning } from '../part.ts'
import type { Report } from '../report.ts'
import { counted, entries, number, type Shown } from './shown.ts'

export function retentionSection({ retention, size }: Report, { time }: Shown): Section {
  const { days, beyond, kept, lastCleanUp, isLate, isClockInDoubt } = retention
  const cleanUp = lastCleanUp === undefined ? 'none' : `${time(lastCleanUp.at)}: ${lastCleanUp.description}`
  const rows = [
    ['Entries stay', counted(days, 'day')],
    ['Oldest entry', size.oldest === undefined ? 'none' : `${time(size.oldest.at)} (number ${size.oldest.seq})`],
    ['Older than that', entries(beyond)],
    ['Kept on purpose', `${number(kept)} (under a hold, or saying how something is now)`],
    ['Left to remove', number(beyond - kept)],
    ['Last clean-up', cleanUp],
  ]
  return {
    title: 'Retention',
    parts: [
      table(['', ''], rows),
      ...(isLate
        ? [warning('There are entries to remove, and no clean-up for more than a day. It runs where the bot runs.')]
        : []),
      ...(isClockInDoubt
        ? [
            warning(
              'The clock is in doubt: nothing is removed by age until that ends. The command audit clock says why.',
            ),
          ]
        : []),
      ...(beyond > kept && !isLate && !isClockInDoubt
        ? [line('The next clean-up removes what is left to remove.')]
        : []),
    ],
  }
}
