import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { ChatwardenError } from './kernel/errors.ts'
import { LOG_LEVELS } from './kernel/log.ts'
import { isCountry, type Phone, parsePhone } from './kernel/phone.ts'

/** The chats that `CHAT` can name. */
const CHATS = ['terminal'] as const
export type ChatName = (typeof CHATS)[number]

/** One environment variable: what it means, how it is read, and an example that is always valid. */
interface Variable<Schema extends z.ZodType> {
  readonly help: string
  readonly example: string
  readonly schema: Schema
}

const variable = <Schema extends z.ZodType>(of: Variable<Schema>) => of

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

const phones = z.string().default('').transform(list)

const wholeNumber = (from: number, to: number, fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^[0-9]+$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number)

const VARIABLES = {
  DATABASE_URL: variable({
    help: 'The SQLite file that holds users, roles and the trail. Relative to the working directory.',
    example: 'file:./data/chatwarden.db',
    schema: z
      .string()
      .default('file:./data/chatwarden.db')
      .refine((url) => /^file:(?!file:).+/.test(url) && !url.includes(':memory:'), {
        error: 'must name a file, as file:PATH',
      }),
  }),
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
      }),
  }),
  OWNER_PHONE_NUMBERS: variable({
    help: 'Numbers that become OWNER, once each, separated by commas. Without any, the terminal itself is an owner, for trying out.',
    example: '+15550001111,+15550002222',
    schema: phones,
  }),
  ADMIN_PHONE_NUMBERS: variable({
    help: 'Numbers that become ADMIN, once each.',
    example: '+15550003333',
    schema: phones,
  }),
  OPERATOR_PHONE_NUMBERS: variable({
    help: 'Numbers that become OPERATOR, once each.',
    example: '+15550004444',
    schema: phones,
  }),
  DEFAULT_COUNTRY: variable({
    help: 'The country (ISO 3166-1, two letters) in which numbers typed without a country code are read.',
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
    schema: z.string().default('0 3 * * *').refine(isCron, { error: 'must be a cron expression of five fields' }),
  }),
  LOG_LEVEL: variable({
    help: `How much is logged on stderr: ${LOG_LEVELS.join(', ')}.`,
    example: 'warn',
    schema: z.enum(LOG_LEVELS, { error: `must be one of: ${LOG_LEVELS.join(', ')}` }).default('warn'),
  }),
  DATA_DIR: variable({
    help: 'A directory for what is neither database nor export: files on their way, the terminal’s history.',
    example: './data',
    schema: z
      .string()
      .default('./data')
      .refine((path) => !path.includes('\0'), { error: 'must be a path' }),
  }),
} as const

/** The configuration, read once and frozen. Phone numbers are E.164. */
export interface Config {
  readonly databaseUrl: string
  readonly chats: readonly ChatName[]
  readonly commandPrefix: string
  readonly ownerPhoneNumbers: readonly Phone[]
  readonly adminPhoneNumbers: readonly Phone[]
  readonly operatorPhoneNumbers: readonly Phone[]
  readonly defaultCountry: string | undefined
  readonly timeZone: string
  readonly retentionDays: number
  readonly cleanupCron: string
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly dataDir: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration from the process's environment variables, over which `overrides` win; empty ones count as
 * not set.
 * @throws {ChatwardenError} `CONFIG_INVALID`, naming every variable that is wrong, its problem and an example.
 */
export function readConfig(overrides: Environment = {}): Config {
  const environment: Environment = { ...process.env, ...overrides }
  const schema = z.object(
    Object.fromEntries(Object.entries(VARIABLES).map(([name, { schema }]) => [name, schema])) as {
      [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name]['schema']
    },
  )
  const given = Object.fromEntries(
    Object.keys(VARIABLES)
      .map((name) => [name, environment[name]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  const problems = new Map<string, string>()
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0])
    if (!problems.has(name)) problems.set(name, issue.message)
  }
  const values = result.success ? result.data : undefined
  const country = problems.has('DEFAULT_COUNTRY') ? undefined : given.DEFAULT_COUNTRY
  const seeds = seedNumbers(given, country, problems)
  if (problems.size > 0 || values === undefined) throw invalid(problems, given)
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    chats: Object.freeze(values.CHAT),
    commandPrefix: values.COMMAND_PREFIX,
    ownerPhoneNumbers: seeds.OWNER_PHONE_NUMBERS,
    adminPhoneNumbers: seeds.ADMIN_PHONE_NUMBERS,
    operatorPhoneNumbers: seeds.OPERATOR_PHONE_NUMBERS,
    defaultCountry: values.DEFAULT_COUNTRY,
    timeZone: values.TIMEZONE,
    retentionDays: values.AUDIT_LOG_RETENTION_DAYS,
    cleanupCron: values.AUDIT_CLEANUP_CRON,
    logLevel: values.LOG_LEVEL,
    dataDir: values.DATA_DIR,
  })
}

/** Makes the variables in the file `.env` of the working directory count where the environment does not have them. */
export function loadEnvFile(): void {
  if (!existsSync('.env')) return
  for (const [name, value] of Object.entries(parseEnv(readEnvFile()))) process.env[name] ??= value
}

function readEnvFile(): string {
  try {
    return readFileSync('.env', 'utf8')
  } catch (cause) {
    throw new ChatwardenError('CONFIG_INVALID', `.env: ${(cause as Error).message}`, { cause })
  }
}

/** The text of `.env.example`: every variable, its meaning, its default and an example. */
export function describeEnvironment(): string {
  const head =
    '# Every setting of Chatwarden. Copy what you need to .env, without the leading #; nothing has to be set.\n'
  const body = Object.entries(VARIABLES).map(([name, { help, example, schema }]) => {
    const fallback = String(schema.parse(undefined) ?? '') || 'none'
    return `\n# ${help} Default: ${fallback}\n# ${name}=${example}\n`
  })
  return head + body.join('')
}

const SEEDS = ['OWNER_PHONE_NUMBERS', 'ADMIN_PHONE_NUMBERS', 'OPERATOR_PHONE_NUMBERS'] as const

function seedNumbers(given: Environment, country: string | undefined, problems: Map<string, string>) {
  const seen = new Map<Phone, string>()
  const read = (name: (typeof SEEDS)[number]): readonly Phone[] => {
    const numbers = list(given[name] ?? '').flatMap((text) => {
      const phone = parsePhone(text, country)
      const other = phone && seen.get(phone)
      if (phone === undefined) {
        if (!problems.has(name))
          problems.set(name, `holds ${JSON.stringify(text)}, which is not a phone number in international form`)
        return []
      }
      if (other !== undefined && other !== name) problems.set(name, `holds ${phone}, which is in ${other} too`)
      const isNew = other === undefined
      seen.set(phone, other ?? name)
      return isNew ? [phone] : []
    })
    return Object.freeze(numbers)
  }
  return {
    OWNER_PHONE_NUMBERS: read('OWNER_PHONE_NUMBERS'),
    ADMIN_PHONE_NUMBERS: read('ADMIN_PHONE_NUMBERS'),
    OPERATOR_PHONE_NUMBERS: read('OPERATOR_PHONE_NUMBERS'),
  }
}

function invalid(problems: ReadonlyMap<string, string>, given: Environment): ChatwardenError {
  const lines = [...problems].map(([name, problem]) => {
    const { example } = VARIABLES[name as keyof typeof VARIABLES]
    return `  ${name}=${shown(name, given[name])} ${problem}. Example: ${name}=${example}`
  })
  return new ChatwardenError('CONFIG_INVALID', `\n${lines.join('\n')}`)
}

/** A database URL may hold a password, so a wrong one is not repeated. */
function shown(name: string, value = ''): string {
  return name === 'DATABASE_URL' && !value.startsWith('file:') ? '…' : JSON.stringify(value.slice(0, 80))
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function isCron(expression: string): boolean {
  if (expression === '0 3 * * *') return true
  const { validate } = createRequire(import.meta.url)('node-cron') as typeof import('node-cron')
  return expression.split(/\s+/).length === 5 && validate(expression)
}
