import { z } from 'zod'
import { isTimeZone, timeZoneName } from '../kernel/time-zone.ts'
import { defineSetting } from './setting.ts'

/** What the configuration says, until somebody sets another value in the chat. */
export interface Defaults {
  readonly timeZone: string
  readonly retentionDays: number
  readonly rateLimitUser: number
  readonly rateLimitGlobal: number
}

const HOURS = /^(?:none|(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9])$/
/** From one time of day to the same one is either nothing or everything. */
const isSpan = (hours: string): boolean => hours === 'none' || hours.slice(0, 5) !== hours.slice(6)
const retention = z.int().min(30).max(3650)
const threshold = z.union([z.literal('none'), z.number().min(0.01).max(1_000_000)])

/** Chatwarden's own settings. */
export const ownSettings = (defaults: Defaults) => ({
  timeZone: defineSetting({
    name: 'timezone',
    summary: 'The time zone in which times are shown and days begin.',
    schema: z.string().refine(isTimeZone).transform(timeZoneName),
    values: 'the name of a time zone, such as Europe/Berlin',
    fallback: defaults.timeZone,
    example: 'Europe/Berlin',
    role: 'ADMIN',
  }),
  pageSize: defineSetting({
    name: 'page-size',
    summary: 'How many entries one answer shows.',
    schema: z.int().min(1).max(10),
    fallback: 10,
    example: '5',
    role: 'ADMIN',
  }),
  offHours: defineSetting({
    name: 'off-hours',
    summary: 'When nobody should be at work: audit stats counts what happened then.',
    schema: z.string().regex(HOURS).refine(isSpan),
    values: 'two times of day such as 22:00-06:00, or none',
    fallback: 'none',
    example: '22:00-06:00',
    role: 'ADMIN',
  }),
  rateLimitUser: defineSetting({
    name: 'rate-limit-user',
    summary: 'How many messages a minute one sender may have answered; 0 for no limit.',
    schema: z.int().min(0).max(10_000),
    fallback: defaults.rateLimitUser,
    example: '30',
  }),
  rateLimitGlobal: defineSetting({
    name: 'rate-limit-global',
    summary: 'How many messages a minute all senders below ADMIN may have answered together; 0 for no limit.',
    schema: z.int().min(0).max(1_000_000),
    fallback: defaults.rateLimitGlobal,
    example: '600',
  }),
  whitelistMode: defineSetting({
    name: 'whitelist-mode',
    summary: 'Whether only those on the whitelist, ADMINs and OWNERs may use the bot.',
    schema: z.boolean(),
    fallback: false,
    example: 'on',
  }),
  retentionDays: defineSetting({
    name: 'retention-days',
    summary: 'How many days audit logs are kept. Less than now takes effect after 7 days.',
    // The operator may have configured less than can otherwise be set in the chat.
    schema: defaults.retentionDays < 30 ? z.union([z.literal(defaults.retentionDays), retention]) : retention,
    fallback: defaults.retentionDays,
    example: '90',
    isDangerous: (from, to) => to < from,
  }),
  moderationWhenDown: defineSetting({
    name: 'moderation-when-down',
    summary: 'What happens to messages while the moderation service does not answer: hold them back, or let them pass.',
    schema: z.enum(['hold', 'pass']),
    fallback: 'hold',
    example: 'pass',
  }),
  costThresholdDay: defineSetting({
    name: 'cost-threshold-day',
    summary: 'The cost in one day above which an audit log is written, once.',
    schema: threshold,
    fallback: 'none',
    example: '5',
  }),
  costThresholdMonth: defineSetting({
    name: 'cost-threshold-month',
    summary: 'The cost in one month above which an audit log is written, once.',
    schema: threshold,
    fallback: 'none',
    example: '100',
  }),
})

export type OwnSettings = ReturnType<typeof ownSettings>
