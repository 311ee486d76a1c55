import { z } from 'zod'
import { variable, wholeNumber } from './variable.ts'

export const GUARD_VARIABLES = {
  RATE_LIMIT_USER: variable({
    help: 'How many messages a minute one sender may have answered, 0 for no limit, until rate-limit-user is set in the chat.',
    example: '30',
    schema: wholeNumber(0, 10_000, 120),
  }),
  RATE_LIMIT_GLOBAL: variable({
    help: 'The same for all senders below ADMIN together, until rate-limit-global is set in the chat.',
    example: '600',
    schema: wholeNumber(0, 1_000_000, 1200),
  }),
  MODERATION_URL: variable({
    help: 'An endpoint like OpenAI’s /v1/moderations, which looks at messages before the bot answers them.',
    example: 'https://api.openai.com/v1/moderations',
    isSecret: true,
    schema: z
      .string()
      .optional()
      .refine((text) => text === undefined || isWebAddress(text), {
        error: 'must be an address such as https://…, without a user name',
      }),
  }),
  MODERATION_API_KEY: variable({
    help: 'The key for it.',
    example: 'sk-0123456789',
    isSecret: true,
    schema: z
      .string()
      .optional()
      // What a header can carry; another character would make every request fail.
      .refine((text) => text === undefined || /^[\x21-\x7e]+$/.test(text), { error: 'must be one word of ASCII' }),
  }),
  MODERATION_MODEL: variable({
    help: 'The model to ask for there.',
    example: 'omni-moderation-latest',
    schema: z
      .string()
      .regex(/^\S{1,100}$/, { error: 'must be one word' })
      .default('omni-moderation-latest'),
  }),
  MODERATION_TIMEOUT_MS: variable({
    help: 'How long to wait for its answer, in milliseconds.',
    example: '5000',
    schema: wholeNumber(100, 60_000, 5000),
  }),
  SETTINGS_KEY: variable({
    help: 'The key with which secret settings are encrypted in the database, as 64 hexadecimal digits. Without it one is made, in the file settings.key of DATA_DIR.',
    example: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    isSecret: true,
    schema: z
      .string()
      .optional()
      .refine((text) => text === undefined || /^[0-9a-f]{64}$/i.test(text), { error: 'must be 64 hexadecimal digits' }),
  }),
} as const

/** Where the moderation service is and how it is asked. */
export interface ModerationConfig {
  readonly url: string
  readonly key: string | undefined
  readonly model: string
  /** In milliseconds. */
  readonly timeout: number
}

interface Values {
  readonly MODERATION_URL?: string | undefined
  readonly MODERATION_API_KEY?: string | undefined
  readonly MODERATION_MODEL: string
  readonly MODERATION_TIMEOUT_MS: number
}

export const toModerationConfig = (values: Values): ModerationConfig | undefined =>
  values.MODERATION_URL === undefined
    ? undefined
    : {
        url: values.MODERATION_URL,
        key: values.MODERATION_API_KEY,
        model: values.MODERATION_MODEL,
        timeout: values.MODERATION_TIMEOUT_MS,
      }

/** A key for a service that is not named would moderate nothing, unnoticed. */
export const moderationProblem = (given: Readonly<Record<string, string | undefined>>): [string, string] | undefined =>
  given.MODERATION_API_KEY !== undefined && given.MODERATION_URL === undefined
    ? ['MODERATION_API_KEY', 'is of no use without MODERATION_URL']
    : undefined

function isWebAddress(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text)
    return ['http:', 'https:'].includes(protocol) && username === '' && password === ''
  } catch {
    return false
  }
}
