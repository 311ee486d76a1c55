import { literal, named, whom } from '../markup.ts'
import { days, number } from './numbers.ts'

type Counted = {
  readonly name: string
  readonly count: number
}

type Stats = {
  readonly days: number
  readonly total: number
  readonly categories: readonly Counted[]
  readonly actions: readonly Counted[]
  readonly actors: readonly Counted[]
  readonly offHours?: { readonly hours: string; readonly count: number }
}

export const stats = {
  answer: (of: Stats) =>
    [
      `📊 *Audit Statistics (${days(of.days)})*`,
      `Total: ${number(of.total)}`,
      ...of.categories.map(({ name, count }) => `• ${literal(name)}: ${number(count)}`),
      ...(of.actions.length === 0 ? [] : ['', '*Most frequent actions*']),
      ...of.actions.map(({ name, count }) => `• ${literal(name)}: ${number(count)}`),
      ...(of.actors.length === 0 ? [] : ['', '*Most active*']),
      ...of.actors.map(({ name, count }) => `• ${name}: ${number(count)}`),
      ...(of.offHours === undefined ? [] : ['', `🌙 Off-hours (${of.offHours.hours}): ${number(of.offHours.count)}`]),
    ].join('\n'),
  actor: (account: string, name: string | undefined) =>
    `${whom(account)}${name === undefined ? '' : ` ${named(name)}`}`,
  chartTitle: (n: number) => `Audit log, ${days(n)}`,
  chartSubtitle: (total: number, timeZone: string) =>
    `${number(total)} ${total === 1 ? 'entry' : 'entries'} · days of ${timeZone}`,
  preview: (line: string, from: string, to: string) => `${from} ${line} ${to}`,
}
