import { isDate } from 'node:util/types'
import { z } from 'zod'
import { ChatwardenError } from '../kernel/errors.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { isSource } from './caller.ts'

const id = z.string().min(1)
const sender = z.looseObject({
  id,
  phone: z.string().nullish(),
  account: z.string().nullish(),
  name: z.string().nullish(),
  operator: z.string().nullish(),
})
const other = sender.extend({ id: z.string() })
const source = z
  .string()
  .refine(isSource, "Expected a platform's word such as telegram: small letters, digits and hyphens")
const message = z.looseObject({
  id,
  source,
  chat: z.looseObject({ id: z.string() }),
  sender,
  text: z.string(),
  quoted: z.looseObject({ sender: other.nullish(), contacts: z.array(other).nullish() }).nullish(),
  mentions: z.array(z.looseObject({ text: z.string(), sender: other })).nullish(),
})
/** What may be admitted need be no text. */
const anything = z.looseObject({ source, chat: z.looseObject({}), sender })

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
    return fieldsOf(MESSAGE)(given) as IncomingMessage
  } catch {
    return undefined as unknown as IncomingMessage
  }
}

type Read = (value: unknown) => unknown

/** The fields of an object, whosever they are, without those that are null: that is nothing in other languages. What is none stays, to be named. */
const fieldsOf =
  (fields: Readonly<Record<string, Read>>): Read =>
  (value) => {
    if (typeof value !== 'object' || value === null) return value
    const found = Object.entries(fields).map(([name, read]) => [name, read((value as Record<string, unknown>)[name])])
    return Object.fromEntries(found.filter(([, field]) => field !== undefined && field !== null))
  }

const asItIs: Read = (value) => value
const each =
  (read: Read): Read =>
  (value) =>
    Array.isArray(value) ? Array.from(value, read) : value
/** Its own methods may be anything. */
const time: Read = (value) => (isDate(value) ? new Date(Date.prototype.getTime.call(value)) : value)

const SENDER = fieldsOf({
  id: asItIs,
  phone: asItIs,
  account: asItIs,
  unverified: asItIs,
  name: asItIs,
  operator: asItIs,
})
const MESSAGE: Readonly<Record<string, Read>> = {
  id: asItIs,
  source: asItIs,
  chat: fieldsOf({ id: asItIs, kind: asItIs }),
  sender: SENDER,
  text: asItIs,
  sentAt: time,
  forwarded: asItIs,
  quoted: fieldsOf({ id: asItIs, sender: SENDER, contacts: each(SENDER) }),
  mentions: each(fieldsOf({ text: asItIs, sender: SENDER })),
}
