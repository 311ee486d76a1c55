import { writeFile } from 'node:fs/promises'
import { auditEvent } from '../../audit/entry/entry.ts'
import { AuditCategory } from '../../audit/entry/event-type.ts'
import { type Activity, activityOf } from '../../audit/read/activity.ts'
import type { StackedDays } from '../../kernel/chart.ts'
import { namesOf } from '../../roles/stored-user.repository.ts'
import type { Day } from '../../text/days.ts'
import { days } from '../arguments/days.ts'
import { type CommandContext, defineCommand } from '../command.ts'

const CATEGORIES = Object.values(AuditCategory)

export const stats = defineCommand({
  words: ['audit', 'stats'],
  role: 'ADMIN',
  summary:
    'How much happened in the last 7 days, or as many as you say (at most 365): counts, and a chart as a picture.',
  examples: ['audit stats', 'audit stats 30'],
  sensitive: true,
  arguments: { days: days(7) },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { days: count }) => {
    const { logs, clock, settings, own, texts } = context
    // What knows of calendars takes a while to load, and no other command needs it.
    const { lastDays, withinHours } = await import('../../text/days.ts')
    const timeZone = settings.get(own.timeZone)
    const range = lastDays(count, timeZone, clock.now())
    const offHours = settings.get(own.offHours)
    const activity = await activityOf(logs, range, withinHours(range, offHours, timeZone))
    const chart = chartOf(context, range, activity, timeZone)
    const name = `audit-stats-${range.at(-1)?.name}.png`
    const path = await context.outgoingFile(name)
    await writeFile(path, await context.charts.stackedDays(chart), { mode: 0o600 })
    const text = await answerOf(context, activity, count, offHours)
    const preview = texts.stats.preview(
      context.charts.sparkline(totals(activity)),
      range[0]?.name ?? '',
      range.at(-1)?.name ?? '',
    )
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('AUDIT_LOG_VIEWED', actor, place, { filters: { view: 'stats', days: count } }))
      return { kind: 'answered', text, attachments: [{ kind: 'image', name, mimeType: 'image/png', path, preview }] }
    }
  },
})

const totals = ({ perDay }: Activity): number[] =>
  perDay.map((day) => CATEGORIES.reduce((sum, category) => sum + day[category], 0))

function chartOf({ texts }: CommandContext, range: readonly Day[], activity: Activity, timeZone: string): StackedDays {
  return {
    title: texts.stats.chartTitle(range.length),
    subtitle: texts.stats.chartSubtitle(activity.total, timeZone),
    days: range.map(({ name }) => name),
    series: CATEGORIES.map((name) => ({ name, values: activity.perDay.map((day) => day[name]) })),
  }
}

async function answerOf({ texts, reader }: CommandContext, activity: Activity, days: number, offHours: string) {
  const { actions, actors, perDay, total } = activity
  const names = await namesOf(
    reader,
    actors.map(({ name }) => name),
  )
  return texts.stats.answer({
    days,
    total,
    categories: CATEGORIES.map((name) => ({ name, count: perDay.reduce((sum, day) => sum + day[name], 0) })),
    actions,
    actors: actors.map(({ name, count }) => ({ name: texts.stats.actor(name, names.get(name)), count })),
    ...(offHours !== 'none' && { offHours: { hours: offHours, count: activity.offHours } }),
  })
}
