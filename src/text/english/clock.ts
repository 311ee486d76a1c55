import { DAY, HOUR } from '../../kernel/clock.ts'
import { literal } from '../markup.ts'
import { days } from './numbers.ts'

type Doubt = {
  readonly reason: 'stopped' | 'jumped'
  readonly byMs: number
}

/** Whole hours, and days from two on. */
function long(ms: number): string {
  const hours = Math.max(1, Math.round(Math.abs(ms) / HOUR))
  if (hours >= 48) return days(Math.round(Math.abs(ms) / DAY))
  return hours === 1 ? '1 hour' : `${hours} hours`
}

const why = ({ reason, byMs }: Doubt): string =>
  reason === 'stopped'
    ? `the bot was away for ${long(byMs)}, or the clock is wrong`
    : `it was set ${long(byMs)} ${byMs < 0 ? 'back' : 'ahead'} while the bot ran`

const whatToDo = (prefix: string): string =>
  `If that time is right, send today's date: ${literal(prefix)} audit clock YYYY-MM-DD\nIf not, set the clock of the machine.`

export const clock = {
  title: (now: string) => `⏱️ *Clock:* ${now}`,
  trusted: '✅ Nothing speaks against it. Entries are removed when they are old enough.',
  doubted: (doubt: Doubt, since: string, left: number, prefix: string) =>
    [
      `❓ In doubt since ${since}: ${why(doubt)}.`,
      `Nothing is removed by age until the bot has run ${long(left)} more, or messages that it gets agree with the time.`,
      whatToDo(prefix),
    ].join('\n'),
  jumped: (byMs: number, now: string, prefix: string) =>
    `⏱️ *The clock was set ${long(byMs)} ${byMs < 0 ? 'back' : 'ahead'}*\nIt says: ${now}\nUntil that is certain nothing is removed by age.\n${whatToDo(prefix)}`,
  confirmed: (now: string, by: string) =>
    `✅ *Clock confirmed:* ${now}\nEntries are removed again when they are old enough.\n✏️ By: ${by}`,
  otherDay: (typed: string) =>
    `❌ That is another day than ${literal(typed, 10)}. Set the clock of the machine; nothing was changed.`,
  notADay: "Please send today's date as YYYY-MM-DD, or nothing to see what the clock says.",
  denied: "❌ You don't have permission to confirm the clock. This command requires OWNER role.",
}
