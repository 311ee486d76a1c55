import { longTime } from '../../kernel/long-time.ts'
import { literal } from '../markup.ts'

type Doubt = {
  readonly reason: 'stopped' | 'jumped' | 'messages'
  readonly byMs: number
}

/** What became of the clock, to be read after its name. */
const became = ({ reason, byMs }: Doubt): string =>
  reason === 'messages'
    ? `is ${longTime(byMs)} ${byMs < 0 ? 'behind' : 'ahead of'} what messages say`
    : `was set ${longTime(byMs)} ${byMs < 0 ? 'back' : 'ahead'}`

const why = (doubt: Doubt): string =>
  doubt.reason === 'stopped'
    ? `the bot had written nothing for ${longTime(doubt.byMs)}, or the clock is wrong`
    : `it ${became(doubt)}`

const TO_SET = "Set the clock of the machine, or the bot's code to tell when its messages were sent."

const whatToDo = (prefix: string): string =>
  `If that time is right, send today's date: ${literal(prefix)} audit clock YYYY-MM-DD\nIf not, set the clock of the machine.`

export const clock = {
  title: (now: string, zone: string) => `⏱️ *Clock:* ${now}\n🌍 ${literal(zone)}`,
  trusted:
    '✅ Nothing speaks against it, and nothing is to be confirmed. Entries are removed when they are old enough.',
  /** `left`: for how much longer the bot is to run; `undefined` where messages have told another time, `isAgainst` where they still do. */
  doubted: (doubt: Doubt, since: string, left: number | undefined, isAgainst: boolean, prefix: string) =>
    [
      `❓ In doubt since ${since}: ${why(doubt)}.`,
      left === undefined
        ? 'Messages tell *another time*. Nothing is removed by age until they agree.'
        : `Nothing is removed by age until the bot has run ${longTime(left)} more, or messages that it gets agree with the clock.`,
      isAgainst ? TO_SET : whatToDo(prefix),
    ].join('\n'),
  /** Of what happened while the bot ran. */
  told: (doubt: Doubt, now: string, zone: string, prefix: string) =>
    `⏱️ *The clock ${became(doubt)}*\nIt says: ${now}\n🌍 ${literal(zone)}\nUntil that is certain nothing is removed by age.\n${doubt.reason === 'messages' ? TO_SET : whatToDo(prefix)}`,
  confirmed: (now: string, by: string) =>
    `✅ *Clock confirmed:* ${now}\nEntries are removed again when they are old enough.\n✏️ By: ${by}`,
  /** It is the clock that messages speak against: a day says less than they do. */
  against: (byMs: number) => `❌ The clock ${became({ reason: 'messages', byMs })}. ${TO_SET} Nothing was changed.`,
  /** `last`: of the newest entry. `canConfirm`: nobody has spoken for the clock since it was in doubt. */
  behind: (last: string, canConfirm: boolean, prefix: string) =>
    `⚠️ The newest entry is of ${last}: the clock was ahead then, or is behind now.\n${canConfirm ? whatToDo(prefix) : 'If it is behind, set the clock of the machine.'}`,
  otherDay: (typed: string) =>
    `❌ ${literal(typed, 10)} is not the clock's date. If it is today's, set the clock of the machine. Nothing was changed.`,
  notADay: "Please send today's date as YYYY-MM-DD, or nothing to see what the clock says.",
  denied: "❌ You don't have permission to confirm the clock. This command requires OWNER role.",
}
