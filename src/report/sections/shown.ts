import type { LocalTime } from '../local-time.ts'
import { type Line, line, type Part, table } from '../part.ts'
import type { ReportEntry } from '../period.repository.ts'
import type { Listed } from '../report.ts'

/** How the parts of a report are written. */
export interface Shown extends LocalTime {
  /** How many entries a list shows. */
  readonly mostEntries: number
}

export const number = (count: number): string => count.toLocaleString('en')

/** `1 entry`, `2,000 entries` */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : several}`

export const entries = (count: number): string => counted(count, 'entry', 'entries')

/** Names are other people's words: in quotes, none can pass for something else that the line says. */
export const named = (account: string, name: string | null | undefined): string =>
  name ? `${account} ${JSON.stringify(name)}` : account.replace(/,$/, '')

/** Who typed in the actor's place stands before the name, which may be long. */
const actor = ({ account, actorName, operator }: ReportEntry): string =>
  named(operator === undefined ? account : `${account}, typed by ${operator},`, actorName)

/** Entries with time, action, actor and description, and how many there are beyond. */
export function entryList({ entries: all, total }: Listed, { time, mostEntries }: Shown): Part[] {
  const rows = all
    .slice(0, mostEntries)
    .map((entry) => [
      time(entry.at),
      entry.action,
      actor(entry),
      entry.isReported ? `${entry.description} (reported by the bot)` : entry.description,
    ])
  if (rows.length === 0) return []
  return [table(['Time', 'Action', 'By', 'What'], rows), ...more(total - rows.length)]
}

/** What a list does not show. */
export const more = (count: number): Line[] => (count > 0 ? [line(`And ${number(count)} more.`)] : [])
