import { longTime } from '../../kernel/long-time.ts'
import { literal } from '../markup.ts'

type Doubt = {
  readonly reason: 'stopped' | 'jumped'
  readonly byMs: number
}

const why = ({ reason, byMs }: Doubt): string =>
  reason === 'stopped'
    ? `the bot had written nothing for ${longTime(byMs)}, or the clock is wrong`
    : `it was set ${longTime(byMs)} ${byMs < 0 ? 'back' : 'ahead'}`

const whatToDo = (prefix: string): string =>
  `If that time is right, send today's date: ${literal(prefix)} audit clock YYYY-MM-DD\nIf not, set the clock of the machine.`

export const clock = {
  title: (now: string, zone: string) => `⏱️ *Clock:* ${now}\n🌍 ${literal(zone)}`,
  trusted:
    '✅ Nothing speaks against it, and nothing is to be confirmed. Entries are removed when they are old enough.',
  /** `left`: for how much longer the bot is to run; `undefined` where messages tell another time. */
  doubted: (doubt: Doubt, since: string, left: number | undefined, prefix: string) =>
    [
      `❓ In doubt since ${since}: ${why(doubt)}.`,
      left === undefined
        ? 'Messages that the bot gets tell *another time*. Nothing is removed by age until they agree.'
        : `Nothing is removed by age until the bot has run ${longTime(left)} more, or messages that it gets agree with the clock.`,
      whatToDo(prefix),
    ].join('\n'),
  jumped: (byMs: number, now: string, zone: string, prefix: string) =>
    `⏱️ *The clock was set ${longTime(byMs)} ${byMs < 0 ? 'back' : 'ahead'}*\nIt says: ${now}\n🌍 ${literal(zone)}\nUntil that is certain nothing is removed by age.\n${whatToDo(prefix)}`,
  confirmed: (now: string, by: string) =>
    `✅ *Clock confirmed:* ${now}\nEntries are removed again when they are old enough.\n✏️ By: ${by}`,
  otherDay: (typed: string) =>
    `❌ ${literal(typed, 10)} is not the clock's date. If it is today's, set the clock of the machine. Nothing was changed.`,
  notADay: "Please send today's date as YYYY-MM-DD, or nothing to see what the clock says.",
  denied: "❌ You don't have permission to confirm the clock. This command requires OWNER role.",
}
