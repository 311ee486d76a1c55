import { line, type Section, table } from '../part.ts'
import type { Report } from '../report.ts'
import { counted, entries, entryList, more, number, type Shown } from './shown.ts'

/** Entries of SECURITY, and who was denied something: those are AUTH, and incidents all the same. */
export function incidentsSection({ incidents, denials }: Report, shown: Shown): Section {
  const denied = denials.reduce((sum, { count }) => sum + count, 0)
  const rows = denials.slice(0, shown.mostEntries).map(({ person, count }) => [person, number(count)])
  return {
    title: 'Security incidents',
    parts: [
      line(incidents.total === 0 ? 'No entries of SECURITY.' : `${entries(incidents.total)} of SECURITY:`),
      ...entryList(incidents, shown),
      ...(denied === 0
        ? [line('Nobody was denied anything.')]
        : [
            line(`Denied ${counted(denied, 'time')}:`),
            table(['Person', 'Denials#'], rows),
            ...more(denials.length - rows.length),
          ]),
    ],
  }
}
