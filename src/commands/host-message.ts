import { isDate } from 'node:util/types'
import { z } from 'zod'
import { ChatwardenError } from '../kernel/errors.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { isSource } from './caller.ts'

const id = z.string().min(1)
const sender = z.looseObject({
  id,
  phone: z.string().optional(),
  account: z.string().optional(),
  name: z.string().optional(),
  unverified: z.boolean().optional(),
  operator: z.string().optional(),
})
const message = z.looseObject({
  id,
  source: z.string().refine(isSource, "Expected a platform's word such as telegram: small letters, digits and hyphens"),
  chat: z.looseObject({ id: z.string(), kind: z.enum(['private', 'group']) }),
  sender,
  text: z.string(),
  forwarded: z.boolean().optional(),
  quoted: z.looseObject({ id, sender: sender.optional(), contacts: z.array(sender).optional() }).optional(),
  mentions: z.array(z.looseObject({ text: z.string(), sender })).optional(),
})
/** A picture may be admitted, too. */
const anything = message.partial({ id: true, text: true })

/** What a host did wrong that hands over something else than a message: the first field that is not as documented. */
export const messageFault = (given: unknown): ChatwardenError | undefined => faultOf(message.safeParse(given))

/** The same where it need be no text. */
export const admissionFault = (given: unknown): ChatwardenError | undefined => faultOf(anything.safeParse(given))

function faultOf({ error }: z.ZodSafeParseResult<unknown>): ChatwardenError | undefined {
  const [issue] = error?.issues ?? []
  if (issue === undefined) return undefined
  const field = ['message', ...issue.path].join('.')
  return new ChatwardenError('INVALID_ARGUMENT', `${field} is not as documented: ${issue.message}.`)
}

/**
 * A message of a host's as it is at this moment: looked at once, it neither fails nor changes later. Whether it is one,
 * `messageFault` says: of what cannot be read nothing is left.
 */
export function readOnce(given: IncomingMessage): IncomingMessage {
  try {
    if (!isObject(given)) return given
    const { id, source, chat, sender, text, sentAt, quoted, forwarded, mentions } = given
    const read = { id, source, chat: copy(chat), sender: copy(sender), text, forwarded }
    return {
      ...read,
      ...(sentAt !== undefined && { sentAt: isDate(sentAt) ? dateOf(sentAt) : sentAt }),
      ...(quoted !== undefined && { quoted: people(quoted, ['sender', 'contacts']) }),
      ...(mentions !== undefined && { mentions: eachOf(mentions, (mention) => people(mention, ['sender'])) }),
    } as IncomingMessage
  } catch {
    return undefined as unknown as IncomingMessage
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const copy = <T>(value: T): T => (isObject(value) ? { ...value } : value)

const eachOf = <T>(values: T, read: (value: never) => unknown): T =>
  Array.isArray(values) ? (Array.from(values, (value) => read(value as never)) as T) : values

function people<T>(value: T, fields: readonly string[]): T {
  if (!isObject(value)) return value
  const read = { ...value } as Record<string, unknown>
  for (const field of fields) {
    const at = read[field]
    if (at !== undefined) read[field] = Array.isArray(at) ? eachOf(at, copy) : copy(at)
  }
  return read as T
}

/** Its own methods may be anything. */
const dateOf = (date: Date): Date => new Date(Date.prototype.getTime.call(date))
