import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Config, describeEnvironment, type Environment, readConfig } from '../src/config.ts'
import { ChatwardenError } from '../src/kernel/errors.ts'
import { ROOT } from './support/child.ts'

const EXAMPLES = parseEnv(describeEnvironment().replace(/^# (?=[A-Z0-9_]+=)/gm, ''))
const NOTHING: Environment = Object.fromEntries(Object.keys(EXAMPLES).map((name) => [name, undefined]))

/** The configuration from these variables alone, whatever the machine has set. */
const read = (variables: Environment = {}): Config => readConfig({ ...NOTHING, ...variables })

/** The lines of the refusal, one a variable. */
function problems(variables: Environment): string[] {
  try {
    read(variables)
  } catch (error) {
    if (!(error instanceof ChatwardenError)) throw error
    expect(error.code).toBe('CONFIG_INVALID')
    return error.message.split('\n').slice(1)
  }
  return []
}

describe('without any setting', () => {
  test('everything has a default', () => {
    expect(read()).toEqual({
      databaseUrl: 'file:./data/chatwarden.db',
      databaseOwnerUrl: undefined,
      databasePoolSize: 5,
      chats: ['terminal'],
      commandPrefix: '!config',
      ownerPhoneNumbers: [],
      adminPhoneNumbers: [],
      operatorPhoneNumbers: [],
      defaultCountry: undefined,
      timeZone: 'UTC',
      retentionDays: 90,
      cleanupCron: '0 3 * * *',
      logLevel: 'warn',
      dataDir: './data',
      rateLimitUser: 120,
      rateLimitGlobal: 1200,
      moderation: undefined,
      settingsKey: undefined,
      signingKey: undefined,
      origin: undefined,
      exports: { directory: undefined, keepDays: 30 },
      archive: { isOn: false, directory: undefined, years: 7, storageClass: undefined },
      s3: undefined,
      whatsapp: {
        sessionDirectory: './data/whatsapp',
        browserPath: undefined,
        browserArguments: undefined,
        webVersion: undefined,
        webCacheDirectory: undefined,
        authTimeout: 60_000,
        pairingPhone: undefined,
        answersOwnChat: false,
        commandAge: 300_000,
        maxFileBytes: 50 * 1024 * 1024,
        sendLimit: { perChat: 20, inAll: 60 },
      },
    })
  })

  test.each(['', '   ', '\t'])('an empty value (%j) counts as not set', (empty) => {
    expect(read(Object.fromEntries(Object.keys(EXAMPLES).map((name) => [name, empty])))).toEqual(read())
  })
})

describe('a value that can be used', () => {
  const cases: readonly [string, string, keyof Config, unknown][] = [
    ['DATABASE_URL', 'file:./elsewhere/a b.db', 'databaseUrl', 'file:./elsewhere/a b.db'],
    ['DATABASE_URL', 'file:/var/lib/chatwarden.db', 'databaseUrl', 'file:/var/lib/chatwarden.db'],
    ...[
      'postgresql://bot:secret@localhost/chatwarden',
      'postgres://bot@127.0.0.1:5433/chatwarden?sslmode=disable',
      'postgresql://bot@192.0.2.7/chatwarden?host=[::1]',
      'postgresql://bot:p%40ss@db.example.com/chatwarden?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      'postgresql://bot@localhost/chatwarden?host=/var/run/postgresql',
    ].map((url): [string, string, keyof Config, unknown] => ['DATABASE_URL', url, 'databaseUrl', url]),
    ['DATABASE_OWNER_URL', 'postgresql://o@localhost/x', 'databaseOwnerUrl', 'postgresql://o@localhost/x'],
    ['DATABASE_POOL_SIZE', '20', 'databasePoolSize', 20],
    ['CHAT', 'terminal', 'chats', ['terminal']],
    ['CHAT', ' terminal , terminal,', 'chats', ['terminal']],
    ['CHAT', 'whatsapp,terminal', 'chats', ['whatsapp', 'terminal']],
    ['COMMAND_PREFIX', '/', 'commandPrefix', '/'],
    ['COMMAND_PREFIX', '!'.repeat(20), 'commandPrefix', '!'.repeat(20)],
    ['OWNER_PHONE_NUMBERS', '+15550001111', 'ownerPhoneNumbers', ['+15550001111']],
    ['OWNER_PHONE_NUMBERS', '+49 (0)151 23456789', 'ownerPhoneNumbers', ['+4915123456789']],
    ['OWNER_PHONE_NUMBERS', '541112345678@c.us', 'ownerPhoneNumbers', ['+541112345678']],
    [
      'OWNER_PHONE_NUMBERS',
      ' +1 (555) 000-1111 , +15550002222, ',
      'ownerPhoneNumbers',
      ['+15550001111', '+15550002222'],
    ],
    ['OWNER_PHONE_NUMBERS', '+15550001111,+1 555 000 1111', 'ownerPhoneNumbers', ['+15550001111']],
    ['ADMIN_PHONE_NUMBERS', '+15550003333', 'adminPhoneNumbers', ['+15550003333']],
    ['OPERATOR_PHONE_NUMBERS', '+1234567', 'operatorPhoneNumbers', ['+1234567']],
    ['DEFAULT_COUNTRY', 'DE', 'defaultCountry', 'DE'],
    ['TIMEZONE', 'Asia/Kolkata', 'timeZone', 'Asia/Kolkata'],
    ['AUDIT_LOG_RETENTION_DAYS', '1', 'retentionDays', 1],
    ['AUDIT_LOG_RETENTION_DAYS', ' 3650 ', 'retentionDays', 3650],
    ['AUDIT_CLEANUP_CRON', '*/15 2-4 * * 1,5', 'cleanupCron', '*/15 2-4 * * 1,5'],
    ['AUDIT_CLEANUP_CRON', '0 3 29 2 *', 'cleanupCron', '0 3 29 2 *'],
    ['AUDIT_CLEANUP_CRON', '0 3 L * MON-FRI', 'cleanupCron', '0 3 L * MON-FRI'],
    ['AUDIT_CLEANUP_CRON', '0 3 * * 5#2', 'cleanupCron', '0 3 * * 5#2'],
    ['AUDIT_CLEANUP_CRON', '0 3 15W JAN,JUL *', 'cleanupCron', '0 3 15W JAN,JUL *'],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
    ['RATE_LIMIT_USER', '0', 'rateLimitUser', 0],
    ['RATE_LIMIT_GLOBAL', '1000000', 'rateLimitGlobal', 1_000_000],
    [
      'MODERATION_URL',
      'http://127.0.0.1:9/v1/moderations',
      'moderation',
      { url: 'http://127.0.0.1:9/v1/moderations', key: undefined, model: 'omni-moderation-latest', timeout: 5000 },
    ],
    ['SETTINGS_KEY', 'ab'.repeat(32), 'settingsKey', 'ab'.repeat(32)],
    ['AUDIT_ORIGIN', 'example.com/bots/7', 'origin', 'example.com/bots/7'],
    ['AUDIT_SIGNING_KEY', EXAMPLES.AUDIT_SIGNING_KEY ?? '', 'signingKey', EXAMPLES.AUDIT_SIGNING_KEY],
    ['DATA_DIR', '/srv/chatwarden', 'dataDir', '/srv/chatwarden'],
    ['AUDIT_EXPORT_DIR', '/srv/exports', 'exports', { directory: '/srv/exports', keepDays: 30 }],
    ['AUDIT_EXPORT_KEEP_DAYS', '7', 'exports', { directory: undefined, keepDays: 7 }],
    ['AUDIT_ARCHIVE', 'on', 'archive', { isOn: true, directory: undefined, years: 7, storageClass: undefined }],
    ['AUDIT_ARCHIVE_DIR', './old', 'archive', { isOn: false, directory: './old', years: 7, storageClass: undefined }],
    ['AUDIT_ARCHIVE_YEARS', '10', 'archive', { isOn: false, directory: undefined, years: 10, storageClass: undefined }],
    [
      'S3_BUCKET',
      'example-audit',
      's3',
      { bucket: 'example-audit', endpoint: undefined, region: 'us-east-1', credentials: undefined },
    ],
  ]
  test.each(cases)('%s=%s', (name, value, field, expected) => {
    expect(read({ [name]: value })).toEqual({ ...read(), [field]: expected })
  })

  test('is not altered afterwards, neither as a whole nor in its lists', () => {
    const config = read({ OWNER_PHONE_NUMBERS: '+15550001111' })
    for (const part of [config, config.chats, config.ownerPhoneNumbers, config.adminPhoneNumbers])
      expect(Object.isFrozen(part)).toBe(true)
  })
})

describe('a value that cannot be used', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['DATABASE_URL', 'file:', /must name a file/],
    ['DATABASE_URL', 'chatwarden.db', /must name a file/],
    ['DATABASE_URL', 'file::memory:', /must name a file/],
    ['DATABASE_URL', 'mysql://localhost/x', /must name a file, as file:PATH, or a database on a server/],
    ['DATABASE_URL', 'postgres://localhost/x', /names no user, as postgresql:/],
    ['DATABASE_URL', 'postgresql://bob:a#b@localhost/x', /is no URL: characters such as # and @ .* %23 and %40/],
    ['DATABASE_URL', 'postgresql://bob@localhost', /names no database/],
    ['DATABASE_URL', 'postgresql://bob@localhost/x/y', /names no database/],
    ['DATABASE_URL', 'postgresql://bob@localhost/x?schema=y', /names a schema/],
    ['DATABASE_URL', 'postgresql://bob@localhost/x?sslmode=prefer', /has an sslmode that is none of disable, require/],
    ['DATABASE_URL', 'postgresql://bob@db.example.com/x?sslmode=', /has an sslmode that is none of/],
    ['DATABASE_URL', 'postgresql://bob@db.example.com/x', /another machine and does not say how: sslmode=disable/],
    ['DATABASE_OWNER_URL', 'postgresql://bob@192.0.2.7/x', /another machine and does not say how/],
    ['DATABASE_URL', 'postgresql://bob@localhost/x?host=192.0.2.7', /another machine and does not say how/],
    ['DATABASE_POOL_SIZE', '0', /must be a whole number from 1 to 100/],
    ['DATABASE_POOL_SIZE', '101', /must be a whole number from 1 to 100/],
    ['CHAT', 'irc', /must be one or more of: terminal/],
    ['CHAT', 'terminal,irc', /must be one or more of: terminal/],
    ['CHAT', ',', /must be one or more of: terminal/],
    ['COMMAND_PREFIX', 'two words', /must be one word of at most 20 characters/],
    ['COMMAND_PREFIX', '!'.repeat(21), /must be one word of at most 20 characters/],
    ['OWNER_PHONE_NUMBERS', '12345', /holds "12345", which is not a phone number/],
    ['OWNER_PHONE_NUMBERS', '+15550001111;+15550002222', /which is not a phone number/],
    ['OWNER_PHONE_NUMBERS', '+15550001111,somebody', /holds "somebody", which is not a phone number/],
    [
      'OWNER_PHONE_NUMBERS',
      '+54 11 1234-5678',
      /may be either of two numbers: write 5491112345678@c.us or 541112345678@c.us/,
    ],
    ['OWNER_PHONE_NUMBERS', '15550001111', /holds "15550001111", which must begin with \+ and its country code/],
    ['ADMIN_PHONE_NUMBERS', '1-800-FLOWERS', /holds "1-800-FLOWERS", which is not a phone number/],
    ['OPERATOR_PHONE_NUMBERS', '0151 23456789', /holds "0151 23456789", which must begin with \+/],
    ['DEFAULT_COUNTRY', 'Germany', /must be a country code of two capital letters/],
    ['DEFAULT_COUNTRY', 'de', /must be a country code of two capital letters/],
    ['DEFAULT_COUNTRY', 'ZZ', /must be a country code of two capital letters/],
    ['TIMEZONE', 'Mars/Olympus', /must be the name of a time zone/],
    ['RATE_LIMIT_USER', '-1', /must be a whole number from 0 to 10000/],
    ['RATE_LIMIT_GLOBAL', 'many', /must be a whole number from 0 to 1000000/],
    ['MODERATION_URL', 'ftp://example.com', /must be an address such as https/],
    ['MODERATION_URL', 'example.com/v1', /must be an address such as https/],
    ['MODERATION_API_KEY', 'two words', /must be one word of ASCII/],
    ['MODERATION_MODEL', 'two words', /must be one word/],
    ['MODERATION_TIMEOUT_MS', '99', /must be a whole number from 100 to 60000/],
    ['SETTINGS_KEY', 'abc', /must be 64 hexadecimal digits/],
    ['AUDIT_ORIGIN', 'two words', /must be one word/],
    ['AUDIT_ORIGIN', 'a+b', /without \+/],
    ['AUDIT_SIGNING_KEY', 'hunter2', /must be a key as `chatwarden key new` prints one/],
    ['AUDIT_LOG_RETENTION_DAYS', '0', /must be a whole number from 1 to 3650/],
    ['AUDIT_LOG_RETENTION_DAYS', '3651', /must be a whole number from 1 to 3650/],
    ['AUDIT_LOG_RETENTION_DAYS', '-1', /must be a whole number from 1 to 3650/],
    ['AUDIT_LOG_RETENTION_DAYS', '1.5', /must be a whole number from 1 to 3650/],
    ['AUDIT_LOG_RETENTION_DAYS', '1e3', /must be a whole number from 1 to 3650/],
    ['AUDIT_LOG_RETENTION_DAYS', '90 days', /must be a whole number from 1 to 3650/],
    ['AUDIT_CLEANUP_CRON', 'daily', /must be a cron expression of five fields/],
    ['AUDIT_CLEANUP_CRON', '60 3 * * *', /must be a cron expression of five fields/],
    ['AUDIT_CLEANUP_CRON', '0 0 3 * * *', /must be a cron expression of five fields/],
    ['AUDIT_CLEANUP_CRON', '@daily', /must be a cron expression of five fields/],
    ['AUDIT_CLEANUP_CRON', '* * * *', /must be a cron expression of five fields/],
    ['AUDIT_CLEANUP_CRON', '60 * * * *', /its minute must be of 0 to 59/],
    ['AUDIT_CLEANUP_CRON', '0/5 * * * *', /its minute must be .*steps/],
    ['AUDIT_CLEANUP_CRON', '0 5-2 * * *', /its hour must be of 0 to 23; .* ranges from lower to higher/],
    ['AUDIT_CLEANUP_CRON', '0 3 32 * *', /its day must be of 1 to 31/],
    ['AUDIT_CLEANUP_CRON', '0 3 * 13 *', /its month must be of 1 to 12, or JAN to DEC/],
    ['AUDIT_CLEANUP_CRON', '0 3 * * MONDAY', /its weekday must be of 0 to 7/],
    ['AUDIT_CLEANUP_CRON', '0 3 30 2 *', / never comes due, as none of its months has such a day/],
    ['AUDIT_CLEANUP_CRON', '0 3 31 4,6,9 *', / never comes due, as none of its months has such a day/],
    ['LOG_LEVEL', 'loud', /must be one of: fatal, error, warn, info, debug, silent/],
    ['DATA_DIR', 'a\0b', /must be a path/],
    ['AUDIT_EXPORT_DIR', 'a\0b', /must be a path/],
    ['AUDIT_EXPORT_KEEP_DAYS', '0', /must be a whole number from 1 to 3650/],
    ['AUDIT_ARCHIVE', 'true', /must be on or off/],
    ['AUDIT_ARCHIVE_DIR', 'a\0b', /must be a path/],
    ['AUDIT_ARCHIVE_YEARS', '0', /must be a whole number from 1 to 100/],
    ['S3_BUCKET', 'My Bucket', /must be the name of a bucket/],
    ['S3_ENDPOINT', 'https://s3.example.com', /is of no use without S3_BUCKET/],
    ['S3_ENDPOINT', 'localhost:9000', /must be an http or https address/],
    ['S3_REGION', 'EU Central', /must be the name of a region/],
    ['S3_ACCESS_KEY_ID', 'two words', /must be one word/],
    ['S3_SECRET_ACCESS_KEY', 'secret', /is of no use without S3_BUCKET/],
    ['S3_SECRET_ACCESS_KEY', 'two words', /must be one word/],
    ['S3_ARCHIVE_STORAGE_CLASS', 'cold', /must be a storage class/],
    ['WHATSAPP_SESSION_DIR', 'a\0b', /must be a path/],
    ['WHATSAPP_BROWSER_PATH', 'a\0b', /must be a path/],
    ['WHATSAPP_BROWSER_ARGS', '--no-sandbox', /must be a JSON array of texts/],
    ['WHATSAPP_BROWSER_ARGS', '["a", 1]', /must be a JSON array of texts/],
    ['WHATSAPP_BROWSER_ARGS', '{}', /must be a JSON array of texts/],
    ['WHATSAPP_WEB_VERSION', '2.3000', /has no effect without WHATSAPP_WEB_CACHE_DIR/],
    ['WHATSAPP_WEB_VERSION', '../evil', /must be the name of a version/],
    ['WHATSAPP_WEB_CACHE_DIR', './web', /needs WHATSAPP_WEB_VERSION/],
    ['WHATSAPP_WEB_CACHE_DIR', 'a\0b', /must be a path/],
    ['WHATSAPP_AUTH_TIMEOUT_MS', '999', /must be a whole number from 1000 to 600000/],
    ['WHATSAPP_PAIRING_PHONE', '0151 23456789', /must be a number in international form/],
    ['WHATSAPP_OWN_CHAT', 'true', /must be yes or no/],
    ['WHATSAPP_COMMAND_AGE_MINUTES', '0', /must be a whole number from 1 to 1440/],
    ['WHATSAPP_SEND_LIMIT', '-1', /must be a whole number from 0 to 10000/],
    ['WHATSAPP_SEND_LIMIT_PER_CHAT', 'many', /must be a whole number from 0 to 10000/],
    ['WHATSAPP_MAX_FILE_MB', '51', /must be a whole number from 1 to 50/],
  ]
  test.each(cases)('%s=%s is refused with its problem and an example', (name, value, problem) => {
    const found = problems({ [name]: value })
    expect(found).toHaveLength(1)
    expect(found[0]?.trim()).toMatch(new RegExp(`^${name}=`))
    expect(found[0]).toMatch(problem)
    expect(found[0]).toContain(`Example: ${name}=${EXAMPLES[name]}`)
  })

  test('is told of together with all others', () => {
    const wrong = Object.fromEntries(cases.map(([name, value]) => [name, value]))
    expect(
      problems(wrong)
        .map((line) => line.trim().split('=')[0])
        .sort(),
    ).toEqual(Object.keys(EXAMPLES).sort())
  })

  test('is cut when it is long, and a database URL, which may hold a password, is not repeated', () => {
    expect(problems({ LOG_LEVEL: 'x'.repeat(5000) })[0]?.length).toBeLessThan(300)
    const secrets = {
      DATABASE_URL: 'postgres://bob:hunter2@localhost',
      DATABASE_OWNER_URL: 'postgres://bob:hunter2@localhost/x?sslmode=hunter2',
      MODERATION_URL: 'ftp://bob:hunter2@localhost',
      MODERATION_API_KEY: 'hunter2 hunter2',
      SETTINGS_KEY: 'hunter2',
      AUDIT_SIGNING_KEY: 'PRIVATE+KEY+hunter2',
    }
    expect(problems(secrets)).toHaveLength(6)
    expect(problems(secrets).join()).not.toContain('hunter2')
  })
})

describe('a number in national form', () => {
  const national = { OWNER_PHONE_NUMBERS: '0151 23456789, (030) 1234567' }

  test('is read as one of DEFAULT_COUNTRY', () => {
    const { ownerPhoneNumbers } = read({ ...national, DEFAULT_COUNTRY: 'DE' })
    expect(ownerPhoneNumbers).toEqual(['+4915123456789', '+49301234567'])
  })

  test('stays right when another variable is wrong', () => {
    const found = problems({ ...national, DEFAULT_COUNTRY: 'DE', LOG_LEVEL: 'loud' })
    expect(found.map((line) => line.trim().split('=')[0])).toEqual(['LOG_LEVEL'])
  })

  test('in international form is read the same with any country', () => {
    const { adminPhoneNumbers } = read({ ADMIN_PHONE_NUMBERS: '+15550003333', DEFAULT_COUNTRY: 'DE' })
    expect(adminPhoneNumbers).toEqual(['+15550003333'])
  })
})

describe('a number with two roles', () => {
  test.each([
    ['the same text', '+15550001111', '+15550001111', undefined],
    ['two spellings', '+15550001111', '+1 (555) 000-1111', undefined],
    ['national and international form', '+4915123456789', '0151 23456789', 'DE'],
  ])('is refused: %s', (_, first, second, country) => {
    const found = problems({ OWNER_PHONE_NUMBERS: first, ADMIN_PHONE_NUMBERS: second, DEFAULT_COUNTRY: country })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('is in OWNER_PHONE_NUMBERS too')
  })
})

describe('.env.example', () => {
  test('says what the schema says', () => {
    expect(readFileSync(join(ROOT, '.env.example'), 'utf8')).toBe(describeEnvironment())
  })

  test('sets nothing as it is, and is valid with every line taken in', () => {
    expect(parseEnv(describeEnvironment())).toEqual({})
    expect(problems(EXAMPLES as Environment)).toEqual([])
  })
})
