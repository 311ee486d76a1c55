import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ChatAdapter, Send } from '../../src/chat/adapter.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { OWNER, openTestWarden, type TestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { door } from '../support/door.ts'
import { keptLog } from '../support/kept-log.ts'
import { roleOf } from '../support/trail.ts'

const HELP = {
  id: 'a',
  source: 'api',
  chat: { id: 'x', kind: 'private' },
  sender: { id: OWNER },
  text: '!config help',
} as const
const without = (...path: readonly string[]): unknown => {
  const copy = structuredClone(HELP) as Record<string, unknown>
  const parent = path.slice(0, -1).reduce((object, name) => object[name] as Record<string, unknown>, copy)
  delete parent[path.at(-1) ?? '']
  return copy
}

/** What a host in JavaScript may hand over for a message, and which field is at fault. */
const NO_MESSAGES: Readonly<Record<string, readonly [given: unknown, field: string]>> = {
  nothing: [undefined, 'message'],
  null: [null, 'message'],
  'a text': ['!config help', 'message'],
  'a number': [5, 'message'],
  'no id': [without('id'), 'message.id'],
  'a number for an id': [{ ...HELP, id: 5 }, 'message.id'],
  'no source': [without('source'), 'message.source'],
  'no chat': [without('chat'), 'message.chat'],
  'a chat without an id': [without('chat', 'id'), 'message.chat.id'],
  'no sender': [without('sender'), 'message.sender'],
  'a sender without an id': [{ ...HELP, sender: {} }, 'message.sender.id'],
  'a number for a name': [{ ...HELP, sender: { id: OWNER, name: 5 } }, 'message.sender.name'],
  'a text for mentions': [{ ...HELP, mentions: '@bob' }, 'message.mentions'],
  'a mention of nobody': [{ ...HELP, mentions: [{ text: '@bob' }] }, 'message.mentions.0.sender'],
  'a number for what is quoted': [{ ...HELP, quoted: 7 }, 'message.quoted'],
}

const unhandled: unknown[] = []
const note = (error: unknown) => unhandled.push(error)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await sleep(0)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

async function open(): Promise<{ warden: TestWarden; logged: () => string }> {
  const { log, lines } = keptLog()
  return { warden: await openTestWarden({ log }), logged: () => lines.join('\n') }
}

const message = (text: string, id = text): IncomingMessage => ({ ...HELP, id, text })

describe('what is no message', () => {
  test.each(Object.entries(NO_MESSAGES))('fails, and the log names the field: %s', async (_, [given, field]) => {
    const { warden, logged } = await open()
    const it = given as IncomingMessage
    expect(await warden.handle(it)).toEqual({ status: 'failed', replies: [] })
    let sent = 0
    const send: Send = async () => void sent++
    expect(await warden.respond(it, send)).toBe('failed')
    expect(sent).toBe(0)
    expect(logged()).toContain(`${field} is not as documented`)
    expect(['boolean', 'object']).toContain(typeof warden.isCommand(it))
    expect(await warden.admit(it)).toHaveProperty('admitted')
  })

  test.each([{}, [], { sender: null }, { text: 5 }, { text: 'hello' }])(
    'is ignored without a text that is a command: %j',
    async (given) => {
      const { warden } = await open()
      const it = given as unknown as IncomingMessage
      expect(await warden.handle(it)).toEqual({ status: 'ignored', replies: [] })
      expect(await warden.respond(it, async () => {})).toBe('ignored')
      expect(warden.isCommand(it)).toBe(false)
      expect(await warden.admit(it)).toEqual({ admitted: false, reason: 'failed', text: undefined })
    },
  )
})

const failing = () => {
  throw new Error('of the host')
}
const getter = (object: object, field: string): unknown =>
  Object.defineProperty({ ...object }, field, { get: failing, enumerable: true })
const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
/** What fails when it is looked at, or is something else the next time. */
const TRAPS: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(
    ['id', 'source', 'chat', 'sender', 'text', 'sentAt', 'quoted', 'mentions', 'forwarded'].map((field) => [
      `the getter of ${field}`,
      () => getter(HELP, field),
    ]),
  ),
  'the getter of sender.id': () => ({ ...HELP, sender: getter(HELP.sender, 'id') }),
  'the getter of sender.operator': () => ({ ...HELP, sender: getter(HELP.sender, 'operator') }),
  'the getter of chat.kind': () => ({ ...HELP, chat: getter(HELP.chat, 'kind') }),
  'the getter of a mention': () => ({ ...HELP, mentions: [getter({ text: '@x', sender: HELP.sender }, 'sender')] }),
  'a revoked proxy': revoked,
  'a revoked proxy for a sender': () => ({ ...HELP, sender: revoked() }),
  'a proxy that throws': () => new Proxy(HELP, { get: failing }),
  'an invalid source': () => ({ ...HELP, source: 'system' }),
  'a source with a capital': () => ({ ...HELP, source: 'Telegram' }),
}

describe('a message that is a trap', () => {
  test.each(Object.entries(TRAPS))('fails without a reply: %s', async (_, make) => {
    const { warden, logged } = await open()
    expect(await warden.handle(make() as IncomingMessage)).toEqual({ status: 'failed', replies: [] })
    expect(await warden.respond(make() as IncomingMessage, async () => {})).toBe('failed')
    expect(await warden.admit(make() as IncomingMessage)).toHaveProperty('admitted')
    expect(typeof warden.isCommand(make() as IncomingMessage)).toBe('boolean')
    expect(logged()).toContain('is not as documented')
  })

  test('of which a field is another the second time is the first', async () => {
    const { warden } = await open()
    let looked = 0
    const changing = Object.defineProperty({ ...HELP }, 'chat', { get: () => (looked++ === 0 ? HELP.chat : undefined) })
    expect(await warden.respond(changing as IncomingMessage, async () => {})).toBe('answered')
  })

  test('is one with nothing in place of what may be left out, and one whose fields are of a class', async () => {
    const { warden } = await open()
    const nothing = { phone: null, account: null, unverified: null, name: null, operator: null }
    const sender = { ...HELP.sender, ...nothing }
    const quoted = { id: 'q', sender, contacts: null }
    const all = { ...HELP, id: 'nothing', sender, sentAt: null, quoted: null, mentions: null, forwarded: null }
    class Lazy {
      readonly #fields: Readonly<Record<string, unknown>>
      constructor(fields: Readonly<Record<string, unknown>>) {
        this.#fields = fields
      }
      get id() {
        return this.#fields.id
      }
      get kind() {
        return this.#fields.kind
      }
      toString() {
        return 'lazy'
      }
    }
    const lazy = {
      ...HELP,
      id: 'lazy',
      sender: new Lazy(HELP.sender),
      chat: Object.freeze(new Lazy(HELP.chat)),
      raw: {},
    }
    for (const given of [all, { ...all, id: 'quoting', quoted }, lazy] as unknown as IncomingMessage[]) {
      expect(await warden.handle(given)).toMatchObject({ status: 'answered' })
      expect(await warden.admit(given)).toMatchObject({ admitted: true })
    }
  })

  test('has a time of its own making', async () => {
    const { warden } = await open()
    const sentAt = Object.assign(new Date(), { getTime: failing })
    expect((await warden.handle({ ...HELP, sentAt })).status).toBe('answered')
  })
})

/** What fails again as soon as it is looked at. */
const UNREADABLE: Readonly<Record<string, () => unknown>> = {
  'an object with a getter': () => getter({}, 'message'),
  'a revoked proxy': revoked,
  'an error with a getter': () => Object.defineProperty(new Error('x'), 'cause', { get: failing }),
  'an error with a field': () => getter(new Error('x'), 'code'),
  'an error of which even the stack fails': () => Object.defineProperty(new Error('x'), 'stack', { get: failing }),
  'a proxy with a trap': () => new Proxy({}, { getPrototypeOf: failing, get: failing, ownKeys: failing }),
  nothing: () => undefined,
  'a cycle': () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    return cycle
  },
}

describe('what a host throws that cannot be read', () => {
  test.each(Object.entries(UNREADABLE))('ends where it began: %s', async (_, make) => {
    const { warden } = await open()
    const throwing = async () => {
      throw make()
    }
    warden.settings.onChange(throwing)
    expect((await warden.handle(message('!config set page-size 5'))).status).toBe('answered')
    expect(await warden.respond(message(`!config role promote ${USER} OPERATOR`), throwing)).toBe('unsent')
    for (let written = 0; written < 3; written++) await warden.say(OWNER, '!config audit list')
    expect((await warden.handle(message('!config audit export format:csv'), throwing)).status).toBe('answered')
    const send = async () => {}
    const adapter = {
      source: 'telegram',
      start: send,
      send,
      stop: throwing,
      findNumber: throwing,
      ended: new Promise<void>(() => {}),
    }
    await warden.serve(adapter)
    expect((await warden.say(OWNER, '!config role promote +15550009876 USER')).status).toBe('answered')
    await warden.close()
    await sleep(20)
  })
})

/** Ways in which a function of a host's fails. */
const FAILING: Readonly<Record<string, () => unknown>> = {
  'throws at once': () => {
    throw new Error('of the host')
  },
  rejects: async () => {
    throw new Error('of the host')
  },
  'rejects later': async () => {
    await sleep(5)
    throw new Error('of the host')
  },
}

describe.each(Object.entries(FAILING))('a host whose function %s', (_, failing) => {
  test('as its send: what was asked for is done, and it is said that it could not be told', async () => {
    const { warden, logged } = await open()
    expect(await warden.respond(message(`!config role promote ${USER} OPERATOR`), failing as Send)).toBe('unsent')
    expect(await roleOf(warden, USER)).toBe('OPERATOR')
    expect(logged()).toContain('of the host')
    // Nothing was done: there is nothing that could be missed.
    expect(await warden.respond(message('!config role promote nobody'), failing as Send)).toBe('usage')
  })

  test('as its send, of a file that was asked for in private', async () => {
    const { warden } = await open()
    expect(await warden.respond(message('!config audit export format:csv'), failing as Send)).toBe('unsent')
  })

  test('for progress: the command goes on, and the log says whose fault it is', async () => {
    const { warden, logged } = await open()
    for (let written = 0; written < 3; written++) await warden.say(OWNER, '!config audit list')
    const { status } = await warden.handle(message('!config audit export format:csv'), failing)
    expect(status).toBe('answered')
    await expect.poll(logged).toMatch(/of the host.*does with progress failed/)
  })

  test('as a listener to settings: the setting counts, others hear of it, and the log says so', async () => {
    const { warden, logged } = await open()
    const heard: unknown[] = []
    warden.settings.onChange(failing)
    warden.settings.onChange((_, value) => heard.push(value))
    expect((await warden.handle(message('!config set page-size 5'))).status).toBe('answered')
    await expect.poll(() => heard).toEqual([5])
    await expect.poll(logged).toMatch(/of the host.*A listener to settings failed/)
  })

  test('as a moderation: the text is held, as the setting says', async () => {
    const warden = await openTestWarden({ moderate: failing as never })
    expect(await warden.moderate({ phoneNumber: USER }, 'hello')).toMatchObject({ passes: false, isDown: true })
  })

  test.each(['send', 'stop', 'findNumber', 'ended'] as const)(
    'as the %s of its chat: it is served, and closes',
    async (part) => {
      const { warden, logged } = await open()
      let write: (message: IncomingMessage) => Promise<void> = async () => {}
      const adapter: ChatAdapter = {
        source: 'telegram',
        start: async (onMessage) => {
          write = onMessage
        },
        send: part === 'send' ? (failing as Send) : async () => {},
        findNumber: part === 'findNumber' ? (failing as never) : async () => ({ kind: 'none' }),
        stop: part === 'stop' ? (failing as never) : async () => {},
        ended: part === 'ended' ? failingPromise(failing) : new Promise(() => {}),
      }
      await warden.serve(adapter)
      await write({ ...HELP, source: 'telegram', sender: { id: '42' } })
      // A number that nobody here has is asked for.
      expect((await warden.say(OWNER, '!config role promote +15550009876 USER')).status).toBe('answered')
      await warden.close()
      if (part === 'stop' || part === 'findNumber') expect(logged()).toContain('of the host')
    },
  )
})

const failingPromise = (failing: () => unknown): Promise<void> => Promise.resolve().then(failing) as Promise<void>

test('a send that does not end holds up no other answer in its chat', async () => {
  const { warden } = await open()
  const { passed, open: end } = door()
  const first = warden.respond(message('!config help', 'first'), () => passed)
  expect(await warden.respond(message('!config help', 'second'), async () => {})).toBe('answered')
  end()
  expect(await first).toBe('answered')
})

test('a send that promises nothing has sent', async () => {
  const { warden } = await open()
  expect(await warden.respond(message('!config help'), (() => undefined) as unknown as Send)).toBe('answered')
  onTestFinished(() => warden.close())
})

test('an answer that is only a note to others does not make what was done unsent', async () => {
  const warden = await openTestWarden({ env: { CHAT: 'whatsapp' } }, temporaryFolder())
  expect(await warden.respond(message(`!config role promote ${USER} ADMIN`), async () => {})).toBe('answered')
})
