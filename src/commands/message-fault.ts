import { z } from 'zod'
import { ChatwardenError } from '../kernel/errors.ts'

const id = z.string().min(1)
const sender = z.looseObject({
  id,
  phone: z.string().optional(),
  account: z.string().optional(),
  name: z.string().optional(),
})
const message = z.looseObject({
  id,
  source: id,
  chat: z.looseObject({ id: z.string(), kind: z.enum(['private', 'group']) }),
  sender,
  text: z.string(),
  quoted: z.looseObject({ id, sender: sender.optional(), contacts: z.array(sender).optional() }).optional(),
  mentions: z.array(z.looseObject({ text: z.string(), sender })).optional(),
})

/** What a host did wrong that hands over something else than a message: the first field that is not as documented. */
export function messageFault(given: unknown): ChatwardenError | undefined {
  const [issue] = message.safeParse(given).error?.issues ?? []
  if (issue === undefined) return undefined
  const field = ['message', ...issue.path].join('.')
  return new ChatwardenError('INVALID_ARGUMENT', `${field} is not as documented: ${issue.message}.`)
}
