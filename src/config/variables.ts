import { z } from 'zod'
import { LOG_LEVELS } from '../kernel/log.ts'
import { isCountry } from '../kernel/numbering-plan.ts'
import { isTimeZone } from '../kernel/time-zone.ts'
import { cronExpression } from './cron.ts'
import { DATABASE_VARIABLES } from './database.ts'
import { EXPORT_VARIABLES } from './exports.ts'
import { GUARD_VARIABLES } from './guards.ts'
import { TRAIL_VARIABLES } from './trail.ts'
import { folder, list, variable, wholeNumber } from './variable.ts'
import { WHATSAPP_VARIABLES } from './whatsapp.ts'

/** The chats that `CHAT` can name. */
const CHATS = ['terminal', 'whatsapp'] as const
export type ChatName = (typeof CHATS)[number]

const phones = z.string().default('').transform(list)

/** Every setting, by the name of its environment variable. */
export const VARIABLES = {
  ...DATABASE_VARIABLES,
  CHAT: variable({
    help: 'The chats to answer in, separated by commas.',
    example: 'terminal',
    schema: z
      .string()
      .default('terminal')
      .transform((text, context): ChatName[] => {
        const names = [...new Set(list(text))]
        const known = names.filter((name): name is ChatName => (CHATS as readonly string[]).includes(name))
        if (names.length === 0 || known.length < names.length)
          context.addIssue(`must be one or more of: ${CHATS.join(', ')}`)
        return known
      }),
  }),
  COMMAND_PREFIX: variable({
    help: 'The word that every command starts with.',
    example: '!config',
    schema: z
      .string()
      .default('!config')
      .refine((text) => /^\S{1,20}$/u.test(text), {
        error: 'must be one word of at most 20 characters',
      })
      .refine((text) => !/^[*_~`"'\p{Pi}\p{Pf}\p{Cf}„‚＂]/u.test(text), {
        error: 'must not begin with a quote, nor with a mark that chats draw text with (* _ ~ `)',
      }),
  }),
  OWNER_PHONE_NUMBERS: variable({
    help: 'Phone numbers, or accounts such as telegram:42, that become OWNER, once each, separated by commas. Without any, the terminal itself is an owner, for trying out.',
    example: '+15550001111,+15550002222',
    schema: phones,
  }),
  ADMIN_PHONE_NUMBERS: variable({
    help: 'Phone numbers or accounts that become ADMIN, once each.',
    example: '+15550003333',
    schema: phones,
  }),
  OPERATOR_PHONE_NUMBERS: variable({
    help: 'Phone numbers or accounts that become OPERATOR, once each.',
    example: '+15550004444',
    schema: phones,
  }),
  DEFAULT_COUNTRY: variable({
    help: 'The country (ISO 3166-1, two letters) in which numbers typed without a country code are read. Without it, every number begins with +.',
    example: 'DE',
    schema: z
      .string()
      .optional()
      .refine((code) => code === undefined || (/^[A-Z]{2}$/.test(code) && isCountry(code)), {
        error: 'must be a country code of two capital letters',
      }),
  }),
  TIMEZONE: variable({
    help: 'The time zone (IANA name) in which times are shown and days begin.',
    example: 'Europe/Berlin',
    schema: z.string().default('UTC').refine(isTimeZone, { error: 'must be the name of a time zone' }),
  }),
  AUDIT_LOG_RETENTION_DAYS: variable({
    help: 'How many days entries stay in the database, 1 to 3650.',
    example: '90',
    schema: wholeNumber(1, 3650, 90),
  }),
  AUDIT_CLEANUP_CRON: variable({
    help: 'When entries past their retention are removed (minute hour day month weekday, in TIMEZONE).',
    example: '0 3 * * *',
    schema: cronExpression('0 3 * * *'),
  }),
  ...TRAIL_VARIABLES,
  ...EXPORT_VARIABLES,
  LOG_LEVEL: variable({
    help: `How much is logged on stderr: ${LOG_LEVELS.join(', ')}.`,
    example: 'warn',
    schema: z.enum(LOG_LEVELS, { error: `must be one of: ${LOG_LEVELS.join(', ')}` }).default('warn'),
  }),
  DATA_DIR: variable({
    help: 'A directory for what is neither database nor export: files on their way, the terminal’s history.',
    example: './data',
    schema: folder.default('./data'),
  }),
  ...GUARD_VARIABLES,
  ...WHATSAPP_VARIABLES,
} as const
