import { z } from 'zod'
import { MINUTE } from '../kernel/clock.ts'
import { valueIn } from '../kernel/json.ts'
import type { Phone } from '../kernel/phone.ts'
import { certainForm } from '../kernel/phone-problem.ts'
import { readPhone } from '../kernel/phone-spelling.ts'
import { folder, path, variable, wholeNumber, yesOrNo } from './variable.ts'

export const WHATSAPP_VARIABLES = {
  WHATSAPP_SESSION_DIR: variable({
    help: 'The directory with the keys of the linked device. Whoever can read it can write as the bot.',
    example: './data/whatsapp',
    // Whether it can be one is looked at when it is locked.
    schema: path.default('./data/whatsapp'),
  }),
  WHATSAPP_BROWSER_PATH: variable({
    help: 'The browser that shows WhatsApp Web. Without it a Chrome or Chromium of the system, or of puppeteer’s cache, is found.',
    example: '/usr/bin/chromium',
    schema: path.optional(),
  }),
  WHATSAPP_BROWSER_ARGS: variable({
    help: 'The whole list of the browser’s arguments, as a JSON array, in place of those of Chatwarden.',
    example: '["--no-sandbox","--disable-gpu"]',
    schema: z
      .string()
      .optional()
      .transform((text, context): readonly string[] | undefined => {
        const args = text === undefined ? { success: true as const, data: undefined } : ARGUMENTS.safeParse(text)
        if (!args.success) context.addIssue('must be a JSON array of texts')
        return args.data
      }),
  }),
  WHATSAPP_WEB_VERSION: variable({
    help: 'The version of WhatsApp Web to use, kept in WHATSAPP_WEB_CACHE_DIR.',
    example: '2.3000.1017054665',
    schema: z
      .string()
      .regex(/^[\w.-]{1,60}$/, { error: 'must be the name of a version' })
      .optional(),
  }),
  WHATSAPP_WEB_CACHE_DIR: variable({
    help: 'A directory with that version as VERSION.html: WhatsApp Web is loaded from there and from nowhere else.',
    example: './whatsapp-web',
    schema: folder.optional(),
  }),
  WHATSAPP_AUTH_TIMEOUT_MS: variable({
    help: 'How many milliseconds WhatsApp Web may take to load, 1000 to 600000.',
    example: '60000',
    schema: wholeNumber(1000, 600_000, 60_000),
  }),
  WHATSAPP_PAIRING_PHONE: variable({
    help: 'The bot’s own number: pair with a code that is typed on that telephone, in place of a QR code.',
    example: '+15550009999',
    schema: z
      .string()
      .optional()
      .transform((text, context): Phone | undefined => {
        if (text === undefined) return undefined
        const reading = readPhone(text)
        if (reading.kind === 'phone') return reading.phone
        const forms = reading.kind === 'twofold' ? `, here ${reading.forms.map(certainForm).join(' or ')}` : ''
        context.addIssue(`must be a number in international form, which begins with +${forms}`)
        return undefined
      }),
  }),
  WHATSAPP_OWN_CHAT: variable({
    help: 'Whether commands in the “message yourself” chat of the bot’s own number are answered: yes or no.',
    example: 'yes',
    schema: yesOrNo('no'),
  }),
  WHATSAPP_COMMAND_AGE_MINUTES: variable({
    help: 'How old a command may be that is found after an absence, 1 to 1440. For older ones the bot asks to repeat them.',
    example: '5',
    schema: wholeNumber(1, 1440, 5),
  }),
  WHATSAPP_SEND_LIMIT: variable({
    help: 'Messages sent in a minute at most, in all; 0 for no limit. Many at once are what bots are banned for.',
    example: '60',
    schema: wholeNumber(0, 10_000, 60),
  }),
  WHATSAPP_SEND_LIMIT_PER_CHAT: variable({
    help: 'Messages sent in a minute at most to one chat; 0 for no limit.',
    example: '20',
    schema: wholeNumber(0, 10_000, 20),
  }),
  WHATSAPP_MAX_FILE_MB: variable({
    help: 'How large a file is sent in one piece, in MB, 1 to 50. A larger export is compressed, then put where it can be fetched (S3_BUCKET), else split.',
    example: '50',
    schema: wholeNumber(1, 50, 50),
  }),
} as const

const ARGUMENTS = z
  .string()
  .transform((text, context): unknown => {
    const value = valueIn(text)
    if (value !== undefined) return value
    context.addIssue('no JSON')
    return z.NEVER
  })
  .pipe(z.array(z.string()))

type Values = z.output<
  z.ZodObject<{ [Name in keyof typeof WHATSAPP_VARIABLES]: (typeof WHATSAPP_VARIABLES)[Name]['schema'] }>
>

/** How the bot reaches WhatsApp. Times are milliseconds; a limit of 0 is none. */
export type WhatsAppConfig = ReturnType<typeof toWhatsAppConfig>

export const toWhatsAppConfig = (values: Values) =>
  Object.freeze({
    sessionDirectory: values.WHATSAPP_SESSION_DIR,
    browserPath: values.WHATSAPP_BROWSER_PATH,
    browserArguments: values.WHATSAPP_BROWSER_ARGS,
    webVersion: values.WHATSAPP_WEB_VERSION,
    webCacheDirectory: values.WHATSAPP_WEB_CACHE_DIR,
    authTimeout: values.WHATSAPP_AUTH_TIMEOUT_MS,
    pairingPhone: values.WHATSAPP_PAIRING_PHONE,
    answersOwnChat: values.WHATSAPP_OWN_CHAT,
    commandAge: values.WHATSAPP_COMMAND_AGE_MINUTES * MINUTE,
    maxFileBytes: values.WHATSAPP_MAX_FILE_MB * 1024 * 1024,
    sendLimit: Object.freeze({ perChat: values.WHATSAPP_SEND_LIMIT_PER_CHAT, inAll: values.WHATSAPP_SEND_LIMIT }),
  })

/** A version has an effect only together with the directory that holds it, and the other way round. */
export function versionProblem(
  given: Readonly<Record<string, string | undefined>>,
): readonly [name: string, problem: string] | undefined {
  const [version, directory] = [given.WHATSAPP_WEB_VERSION, given.WHATSAPP_WEB_CACHE_DIR]
  if (version !== undefined && directory === undefined)
    return ['WHATSAPP_WEB_VERSION', 'has no effect without WHATSAPP_WEB_CACHE_DIR']
  if (directory !== undefined && version === undefined)
    return ['WHATSAPP_WEB_CACHE_DIR', 'needs WHATSAPP_WEB_VERSION to say which version']
  return undefined
}
