import { type Hours, line, type Part, type Section, table, warning } from '../part.ts'
import type { ReportEntry } from '../period.repository.ts'
import { hoursOf } from '../period.ts'
import type { Report } from '../report.ts'
import { counted, entries, number, type Shown } from './shown.ts'

export function completenessSection(report: Report, shown: Shown): Section {
  const { lost, clockJumps, ahead } = report.completeness
  return {
    title: 'Completeness',
    parts: [
      ...hoursPart(report, shown),
      ...(lost.length === 0
        ? [line('No events are known to be lost.')]
        : [warning(`Events could not be written, ${counted(lost.length, 'time')}:`), lostTable(lost, shown)]),
      ...(clockJumps.length === 0
        ? []
        : [
            warning(`The clock was set back, ${counted(clockJumps.length, 'time')}:`),
            table(
              ['Time', 'What'],
              clockJumps.slice(0, shown.mostEntries).map(({ at, description }) => [shown.time(at), description]),
            ),
          ]),
      ...(ahead === 0
        ? []
        : [warning(`${entries(ahead)} later than now: the clock was ahead. They count with the last hour.`)]),
    ],
  }
}

function hoursPart({ period, completeness }: Report, shown: Shown): Part[] {
  const labels = shown.labels([...hoursOf(period), period.end])
  const hours: Hours = {
    kind: 'hours',
    hours: completeness.hours.map((count, hour) => ({ label: labels[hour] ?? '', count })),
    empty: completeness.empty,
    end: labels.at(-1) ?? '',
  }
  const empty = completeness.empty.reduce((sum, { count }) => sum + count, 0)
  const inAll = `${counted(empty, 'hour')} of ${period.hours} without any entry`
  return [
    hours,
    line(empty === 0 ? 'Every hour has entries.' : `${inAll}. That may be a quiet time, or a bot that was down.`),
  ]
}

/** The moments are in the metadata: the entry itself was written when the database took it again. */
function lostTable(lost: readonly ReportEntry[], { time, mostEntries }: Shown): Part {
  const moment = (value: unknown) => time(new Date(String(value)))
  const rows = lost
    .slice(0, mostEntries)
    .map(({ metadata }) => [
      moment(metadata.firstLostAt),
      moment(metadata.lastLostAt),
      number(Number(metadata.lostCount)),
    ])
  return table(['From', 'To', 'Events lost#'], rows)
}
