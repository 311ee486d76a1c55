import type { Client, Message } from 'whatsapp-web.js'
import { z } from 'zod'
import {
  AuditCategory,
  type AuditLog,
  AuditLogger,
  AuditLogRepository,
  type Chatwarden,
  type ChatwardenError,
  defineEvent,
  defineSetting,
  isSchedulerRunning,
  openChatwarden,
  Role,
  type Send,
  type Setting,
} from '../src/index.ts'

// Compiled, never run: the public types are part of what is promised.

export const running: boolean = isSchedulerRunning()
export const category: 'AUTH' | 'CONFIG' | 'ADMIN' | 'SECURITY' = AuditCategory.AUTH
export const role: 'OWNER' | 'ADMIN' | 'OPERATOR' | 'USER' = Role.OWNER

export async function reads(): Promise<readonly AuditLog[]> {
  const entries = await AuditLogRepository.query({
    category: AuditCategory.SECURITY,
    startDate: new Date(),
    limit: 100,
  })
  const text: string | undefined = entries[0]?.metadata
  // @ts-expect-error A category that does not exist.
  await AuditLogRepository.findByCategory('OTHER')
  return text === undefined ? [] : entries
}

export async function logs(): Promise<'stored' | 'spooled' | 'lost'> {
  // @ts-expect-error A state that does not exist.
  await AuditLogger.logCircuitBreakerChange({ service: 'ai', state: 'HALF' })
  return AuditLogger.logConversationReset({ performedBy: { phoneNumber: '+15550000401' } })
}

export async function embeds(send: Send): Promise<Chatwarden> {
  const chatwarden = await openChatwarden({ env: { CHAT: 'terminal' }, events: {} })
  // A promise would always be true.
  const isCommand: boolean = chatwarden.isCommand({ text: '!config help' })
  if (isCommand) {
    const chat = { id: '+15550000401', kind: 'private' } as const
    await chatwarden.respond({ id: '1', source: 'api', chat, sender: { id: chat.id }, text: '!config help' }, send)
  }
  // @ts-expect-error An entry cannot be changed.
  for await (const entry of chatwarden.follow(0, AbortSignal.timeout(1))) entry.action = 'OTHER'
  return chatwarden
}

const retries: Setting<number> = defineSetting({
  name: 'retries',
  summary: 'How often.',
  schema: z.int().min(0),
  fallback: 3,
  example: '5',
})
const model = defineSetting({
  name: 'ai-model',
  summary: 'Which model answers.',
  schema: z.enum(['small', 'large']).optional(),
  fallback: 'small',
  example: 'large',
})
// @ts-expect-error A fallback of another type.
export const wrong = defineSetting({ name: 'wrong', summary: '', schema: z.int(), fallback: 'three', example: '3' })

/** A setting has the type of its schema. */
export async function sets(): Promise<'small' | 'large' | undefined> {
  const { settings } = await openChatwarden({ settings: [retries, model] })
  const count: number = settings.get(retries)
  // @ts-expect-error A number is no text.
  const text: string = settings.get(retries)
  const stop: () => void = settings.onChange(({ name }, value) => console.log(name, value, count, text))
  stop()
  return settings.get(model)
}

/** A host's whatsapp-web.js client fits, and its messages do. */
export async function attaches(client: Client, message: Message): Promise<boolean> {
  const attached = (await openChatwarden()).attach(client)
  const isOurs: boolean = attached.isCommand(message)
  await attached.detach()
  return isOurs
}

export const code = (error: ChatwardenError): string => error.code

export { defineEvent }
