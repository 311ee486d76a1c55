import type { LocalTime } from './local-time.ts'
import type { Document } from './part.ts'
import type { PeriodName } from './period.ts'
import type { Report } from './report.ts'
import { activitySection } from './sections/activity.ts'
import { completenessSection } from './sections/completeness.ts'
import { incidentsSection } from './sections/incidents.ts'
import { peopleSection } from './sections/people.ts'
import { retentionSection } from './sections/retention.ts'
import { sizeSection } from './sections/size.ts'
import { unknownSection } from './sections/unknown.ts'

const LENGTH: Readonly<Record<PeriodName, string>> = { daily: '24 hours', weekly: '7 days' }

/** A report in words. `mostEntries`: how many entries each list of them shows. */
export function documentOf(report: Report, local: LocalTime, mostEntries: number): Document {
  const { period, activity } = report
  const shown = { ...local, mostEntries }
  const [from, to] = local.labels([period.start, period.end])
  return {
    title: `Chatwarden report: the last ${LENGTH[period.name]}`,
    subtitle: `${from} to ${to}, ${local.timeZone}. Before: the ${LENGTH[period.name]} before that.`,
    sections: [
      activitySection(activity),
      incidentsSection(report, shown),
      completenessSection(report, shown),
      retentionSection(report, shown),
      unknownSection(report),
      peopleSection(report, shown),
      sizeSection(report),
    ],
  }
}
