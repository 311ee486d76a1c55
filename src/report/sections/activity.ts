import type { Activity, Compared } from '../activity.ts'
import { line, type Section, table } from '../part.ts'
import { more, named, number } from './shown.ts'

export function activitySection({ total, categories, actions, actors, actorCount }: Activity): Section {
  const columns = ['Entries#', 'Before#', 'Change#']
  const compared = (rows: readonly Compared[]) => rows.map((row) => [row.name, ...counts(row)])
  return {
    title: 'Activity',
    parts: [
      ...(total.now === 0 ? [line('No entries in this period.')] : []),
      table(['Category', ...columns], compared([...categories, total])),
      ...(actions.length === 0 ? [] : [table(['Action', ...columns], compared(actions))]),
      ...(actors.length === 0
        ? []
        : [
            table(
              ['Most active', ...columns],
              actors.map((each) => [named(each.name, each.actorName), ...counts(each)]),
            ),
          ]),
      ...more(actorCount - actors.length),
    ],
  }
}

const counts = ({ now, before }: Compared): string[] => [number(now), number(before), change(now - before)]

const change = (by: number): string => (by === 0 ? '=' : `${by > 0 ? '+' : '-'}${number(Math.abs(by))}`)
