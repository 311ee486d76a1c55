import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import {
  type ArchiveConfig,
  type ExportConfig,
  objectStoreProblem,
  type S3Config,
  toExportConfig,
} from './config/exports.ts'
import { isMeantAsFile } from './config/file-url.ts'
import { type ModerationConfig, moderationProblem, toModerationConfig } from './config/guards.ts'
import { seedNumbers } from './config/seed-numbers.ts'
import type { Variable } from './config/variable.ts'
import { type ChatName, VARIABLES } from './config/variables.ts'
import { toWhatsAppConfig, versionProblem, type WhatsAppConfig } from './config/whatsapp.ts'
import type { Account } from './kernel/account.ts'
import { ChatwardenError } from './kernel/errors.ts'
import type { LOG_LEVELS } from './kernel/log.ts'
import { withoutPassword } from './kernel/without-password.ts'

export type { ChatName } from './config/variables.ts'

/** The configuration, read once and frozen. Where a phone number is asked for, any account will do. */
export interface Config {
  readonly databaseUrl: string
  /** As the owner of the tables; of use to `chatwarden migrate` alone. */
  readonly databaseOwnerUrl: string | undefined
  readonly databasePoolSize: number
  readonly chats: readonly ChatName[]
  readonly commandPrefix: string
  readonly ownerPhoneNumbers: readonly Account[]
  readonly adminPhoneNumbers: readonly Account[]
  readonly operatorPhoneNumbers: readonly Account[]
  readonly defaultCountry: string | undefined
  readonly timeZone: string
  readonly retentionDays: number
  readonly cleanupCron: string
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly dataDir: string
  /** Messages a minute, 0 for no limit, until the settings say otherwise. */
  readonly rateLimitUser: number
  readonly rateLimitGlobal: number
  readonly moderation: ModerationConfig | undefined
  /** 64 hexadecimal digits; `undefined`: the one in `dataDir`. */
  readonly settingsKey: string | undefined
  /** `PRIVATE+KEY+name+keyid+base64`; `undefined`: the one beside the database. */
  readonly signingKey: string | undefined
  /** The name of the trail; `undefined`: the one in its key. */
  readonly origin: string | undefined
  readonly exports: ExportConfig
  readonly archive: ArchiveConfig
  /** `undefined`: nothing is uploaded. */
  readonly s3: S3Config | undefined
  readonly whatsapp: WhatsAppConfig
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
  for (const problem of [versionProblem(given), moderationProblem(given), objectStoreProblem(given)])
    if (problem !== undefined && !problems.has(problem[0])) problems.set(...problem)
  const values = result.success ? result.data : undefined
  const country = problems.has('DEFAULT_COUNTRY') ? undefined : given.DEFAULT_COUNTRY
  const seeds = seedNumbers(given, country, problems)
  if (problems.size > 0 || values === undefined) throw invalid(problems, given)
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    databaseOwnerUrl: values.DATABASE_OWNER_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
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
    rateLimitUser: values.RATE_LIMIT_USER,
    rateLimitGlobal: values.RATE_LIMIT_GLOBAL,
    moderation: toModerationConfig(values),
    settingsKey: values.SETTINGS_KEY,
    signingKey: values.AUDIT_SIGNING_KEY,
    origin: values.AUDIT_ORIGIN,
    ...toExportConfig(values),
    whatsapp: toWhatsAppConfig(values),
  })
}

/** Makes the variables in the file `.env` of the working directory count where the environment does not have them. */
export function loadEnvFile(): void {
  if (!existsSync('.env')) return
  for (const [name, value] of Object.entries(parseEnv(readEnvFile()))) process.env[name] ??= value
}

function readEnvFile(): string {
  let bytes: Buffer
  try {
    bytes = readFileSync('.env')
  } catch (cause) {
    throw new ChatwardenError('CONFIG_INVALID', `.env: ${(cause as Error).message}`, { cause })
  }
  // What an editor saves as UTF-16 or in an alphabet of its own would be read as no variable, or as another value.
  if (!isUtf8(bytes) || bytes.includes(0))
    throw new ChatwardenError('CONFIG_INVALID', '.env: it is not UTF-8; save it as UTF-8.')
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** The text of `.env.example`: every variable, its meaning, its default and an example. */
export function describeEnvironment(): string {
  const head =
    '# Every setting of Chatwarden. Copy what you need to .env, without the leading #; nothing has to be set.\n'
  const body = Object.entries(VARIABLES).map(([name, { help, example, schema }]) => {
    const value = schema.parse(undefined) ?? ''
    const fallback = (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)) || 'none'
    return `\n# ${help} Default: ${fallback}\n# ${name}=${example}\n`
  })
  return head + body.join('')
}

function invalid(problems: ReadonlyMap<string, string>, given: Environment): ChatwardenError {
  const lines = [...problems].map(([name, problem]) => {
    const { example, isSecret } = VARIABLES[name as keyof typeof VARIABLES] as Variable<z.ZodType>
    return `  ${name}=${isSecret ? '…' : shown(name, given[name])} ${problem}. Example: ${name}=${example}`
  })
  return new ChatwardenError('CONFIG_INVALID', `\n${lines.join('\n')}`)
}

/** A database URL may hold a password however it is written, so a wrong one is not repeated; no other URL’s is either. */
function shown(name: string, value = ''): string {
  return name === 'DATABASE_URL' && !isMeantAsFile(value) ? '…' : JSON.stringify(withoutPassword(value).slice(0, 80))
}
