import { once } from 'node:events'
import { createServer, type IncomingMessage as Request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { PermissionError } from '../../src/guards/error-handler.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { defineSetting } from '../../src/settings/setting.ts'
import { changeWhenFree } from '../support/change-when-free.ts'
import { FakeClock, OPERATOR, OWNER, openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { capturedLog, tracesOf } from '../support/traces.ts'
import { refuseEntries } from '../support/trail.ts'

const SETTINGS_KEY = 'deadbeef'.repeat(8)
const API_KEY = 'sk-marker-of-the-moderation-key'
/** The beginnings of all markers, as long as no other text begins so. */
const KEYS = [
  SETTINGS_KEY,
  'deadbeefdeadbeef',
  'sk-marker',
  'marker-in-the-address',
  Buffer.from(API_KEY).toString('base64'),
]

const apiKey = defineSetting({
  name: 'ai-key',
  summary: 'The key of the AI service.',
  schema: z.string().min(10),
  fallback: 'sk-marker-of-the-fallback',
  example: 'sk-…',
  secret: true,
})

/** A moderation service that quotes what it is asked wherever it can, and answers as the text says. */
async function moderationService(asked: string[]): Promise<string> {
  const server = createServer(async (request: Request, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { input } = JSON.parse(body) as { input: string }
    asked.push(input, request.headers.authorization ?? '')
    const quote = { input, echo: body, authorization: request.headers.authorization }
    if (input.includes('broken'))
      return response.writeHead(500, { 'x-quote': encodeURI(input) }).end(JSON.stringify(quote))
    if (input.includes('nonsense')) return response.end(`${input} is no JSON`)
    if (input.includes('odd')) return response.end(JSON.stringify({ ...quote, results: [{ flagged: input }] }))
    if (input.includes('hangs up')) return request.socket.destroy()
    const flagged = input.includes('flagged')
    const results = [{ flagged, categories: { harassment: flagged }, category_scores: { harassment: 1 }, ...quote }]
    return response.end(JSON.stringify({ ...quote, id: input, model: input, results }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/moderations?key=marker-in-the-address`
}

/** A Chatwarden into which markers can be planted, and where any of them has turned up. */
async function open(options: ChatwardenOptions = {}) {
  const folder = temporaryFolder()
  const { log, lines } = capturedLog()
  const clock = new FakeClock()
  const warden = await openTestWarden({ log, clock, settings: [apiKey], ...options }, folder)
  const said: unknown[] = []
  const planted: string[] = []
  return {
    ...warden,
    clock,
    lines,
    /** A text that stands nowhere else. */
    plant: (what: string) => {
      const marker = `zq${planted.length}x-${what}`
      planted.push(`zq${planted.length}x-`)
      return marker
    },
    hear: async <T>(handled: Promise<T>): Promise<T> => {
      said.push(await handled)
      return handled
    },
    traces: (...more: string[]) =>
      tracesOf([...planted, ...KEYS, ...more], folder, { 'the log': lines, 'what was said': said }),
  }
}

const message = (by: string, text: string, more: Partial<IncomingMessage> = {}): IncomingMessage => ({
  id: `m${Math.random()}`,
  source: 'api',
  chat: { id: by, kind: 'private' },
  sender: { id: by, name: 'A Name' },
  text,
  ...more,
})

/** What people write, which the service flags, answers in all the wrong ways, or does not answer at all. */
const WRITTEN = ['harmless', 'flagged', 'odd', 'broken', 'nonsense', 'hangs up', 'flagged']

describe('no message text, secret or key is in the database, a file, the log or an answer', () => {
  test('of what a host admits and moderates, whatever the service says', async () => {
    const asked: string[] = []
    const warden = await open({
      env: {
        MODERATION_URL: await moderationService(asked),
        MODERATION_API_KEY: API_KEY,
        SETTINGS_KEY,
        RATE_LIMIT_USER: '5',
      },
    })
    const { plant, hear } = warden
    const secret = plant('a-secret-value')
    await hear(warden.handle(message(OWNER, `!config set ai-key ${secret}`)))
    expect(warden.settings.get(apiKey)).toBe(secret)
    await hear(warden.handle(message(OWNER, `!config user block ${STRANGER}`)))
    for (const by of [OWNER, OPERATOR, STRANGER])
      for (const what of [...WRITTEN, ...(by === STRANGER ? Array(5).fill('broken') : [])]) {
        const text = plant(`${what} words of a person`)
        const quoted = { id: 'quoted', sender: { id: OPERATOR }, text: plant('what they reply to') }
        await hear(warden.admit(message(by, text, { quoted })))
        await hear(warden.moderate({ phoneNumber: by }, text))
      }
    await hear(warden.handle(message(OWNER, '!config audit list')))
    await hear(warden.handle(message(OWNER, '!config get')))
    for (const action of ['MODERATION_FLAG', 'CIRCUIT_BREAKER_OPEN', 'ACCESS_BLOCKED', 'RATE_LIMIT_VIOLATION'])
      await expect.poll(() => warden.AuditLogRepository.findByAction(action)).not.toEqual([])
    expect(asked.some((text) => text.includes('flagged words'))).toBe(true)
    expect(asked).toContain(`Bearer ${API_KEY}`)
    expect(warden.traces()).toEqual([])
    // What is there is found.
    const found = warden.traces('harassment', 'The moderation service').map((trace) => trace.split(' in ')[1])
    expect(found).toEqual(expect.arrayContaining(['the table audit_logs', 'the log', 'what was said']))
  })

  test('of what the code of a host throws, by its own moderation too', async () => {
    const warden = await open({
      moderate: async (text) => {
        if (text.includes('odd')) return { flagged: text, categories: [text] } as never
        throw Object.assign(new Error(`cannot moderate ${text}`, { cause: new Error(text) }), { code: text, text })
      },
    })
    const { plant, hear } = warden
    const person = { phoneNumber: OPERATOR }
    for (const what of WRITTEN) await hear(warden.moderate(person, plant(what)))
    const throws = (error: unknown) => () => Promise.reject(error)
    const errors = [
      new Error(plant('plain')),
      new PermissionError('RESET_CONVERSATION'),
      Object.assign(new PermissionError('RESET_CONVERSATION'), { message: plant('message'), text: plant('property') }),
      Object.assign(new Error(plant('alike')), { name: 'PermissionError', text: plant('another property') }),
      plant('no error at all'),
    ]
    for (const error of errors) await expect(warden.reportDenials(person, throws(error))).rejects.toBe(error)
    const breaker = warden.circuitBreaker({ service: 'ai', failures: 2, resetAfter: 1 })
    for (const error of errors) await breaker.run(throws(error)).catch(() => {})
    await expect.poll(() => breaker.run(async () => plant('an answer')).catch(() => '')).toContain('an answer')
    const actions = () => warden.AuditLogRepository.query().then((all) => all.map(({ action }) => action))
    await expect.poll(actions).toContain('CIRCUIT_BREAKER_CLOSED')
    expect((await actions()).filter((action) => action === 'PERMISSION_DENIED')).toHaveLength(3)
    expect(warden.traces()).toEqual([])
  })

  test('of what is written to the bot and is no command, or none that it knows', async () => {
    const warden = await open()
    const { plant, hear } = warden
    const send = async (_to: unknown, content: unknown) => void (await hear(Promise.resolve(content)))
    for (const by of [OWNER, OPERATOR, STRANGER])
      for (const kind of ['private', 'group'] as const) {
        const chat = { id: kind === 'group' ? '120363000000000000@g.us' : by, kind }
        for (const text of ['hello', 'more', '!conf set ai-key', '!configset ai-key', '! config'])
          await hear(warden.handle(message(by, `${text} ${plant('words')}`, { chat })))
        const commands = ['set ai-key', 'get ai-key', 'audit nonsense', 'nonsense', 'audit mine help']
        for (const text of commands)
          await warden.respond(message(by, `!config ${text} ${plant('words')}`, { chat }), send)
      }
    expect(warden.traces()).toEqual([])
  })

  test('while the database refuses to write, or cannot be read', async () => {
    const warden = await open({ moderate: async () => ({ flagged: true, categories: ['spam'] }) })
    const { plant, hear } = warden
    refuseEntries(warden)
    const all = async () => {
      for (const by of [OWNER, STRANGER]) {
        await hear(warden.handle(message(by, `!config set ai-key ${plant('a-secret-value')}`)))
        await hear(warden.handle(message(by, plant('hello'))))
        await hear(warden.admit(message(by, plant('hello'))))
        await hear(warden.moderate({ phoneNumber: by }, plant('flagged')))
        await warden
          .reportDenials({ phoneNumber: by }, async () => {
            throw Object.assign(new PermissionError('READ'), { message: plant('message') })
          })
          .catch(() => {})
      }
    }
    await all()
    await changeWhenFree(warden.path, 'ALTER TABLE users RENAME TO nobody')
    await all()
    await changeWhenFree(warden.path, 'ALTER TABLE nobody RENAME TO users')
    expect(warden.lines.join()).toContain('A command failed')
    expect(warden.lines.join()).toContain('It is not known whether somebody may use the bot')
    expect(warden.traces()).toEqual([])
  })
})
