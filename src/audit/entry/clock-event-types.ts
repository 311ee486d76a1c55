import { z } from 'zod'
import { longTime } from '../../kernel/long-time.ts'
import { count, defineEvent } from './event-type.ts'

const doubt = z.strictObject({
  /** `stopped`: nothing was written for days before this start. `jumped`: it was set while the bot ran. `messages`: they tell another time. */
  reason: z.enum(['stopped', 'jumped', 'messages']),
  /** How far it is ahead of the last entry, of where it would be, or of what messages say, in milliseconds; below 0 where it is behind. */
  byMs: z.int(),
})

/** What is seen of the clock. */
export const CLOCK_EVENT_TYPES = {
  CLOCK_JUMP: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    /** `at`: the time of the entries since, up to an hour later where it moved on meanwhile. */
    metadata: z.strictObject({ behindMs: count, at: z.iso.datetime() }),
    describe: (m) => `The clock is ${longTime(m.behindMs)} behind the last entry`,
  }),
  CLOCK_DOUBTED: defineEvent({
    category: 'SECURITY',
    failure: 'closed',
    metadata: doubt,
    describe: (m) => `${whyDoubted(m)}: nothing is removed by age until it is certain what time it is`,
  }),
  CLOCK_TRUSTED: defineEvent({
    // Without it the doubt that it ended would last: whoever ended it can be erased, and it stays.
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      /** The number of the entry that doubted it. */
      since: count,
      /** What speaks for it: the time that the bot has run since, messages, the database server, or an owner. */
      by: z.enum(['running', 'messages', 'server', 'owner']),
    }),
    describe: ({ by }) => `The clock is trusted again: ${SPEAKS_FOR_IT[by]}`,
  }),
} as const

function whyDoubted({ reason, byMs }: z.infer<typeof doubt>): string {
  if (reason === 'stopped') return `Nothing was written for ${longTime(byMs)}`
  if (reason === 'jumped') return `The clock was set ${longTime(byMs)} ${byMs < 0 ? 'back' : 'ahead'}`
  return `Messages say that the clock is ${longTime(byMs)} ${byMs < 0 ? 'behind' : 'ahead'}`
}

const SPEAKS_FOR_IT = {
  running: 'the bot has run for a day since',
  messages: 'messages agree with it',
  server: 'the database server agrees with it',
  owner: "an owner sent today's date",
} as const
