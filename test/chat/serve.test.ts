import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type ChatAdapter, type Content, type Destination, Postponed } from '../../src/chat/adapter.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import {
  ADMIN,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  type TestWarden,
  temporaryFolder,
  USER,
} from '../support/chatwarden.ts'
import { door } from '../support/door.ts'
import { holdLock } from '../support/hold-lock.ts'

interface Sent {
  readonly to: Destination
  readonly content: Content
}

/** A platform that tells what has arrived, when the test lets it. */
class Platform implements ChatAdapter {
  readonly source = 'whatsapp'
  readonly ended: Promise<void>
  readonly sent: Sent[] = []
  /** What becomes of a message instead of going out. */
  refuse: (() => Error) | undefined
  isStopped = false
  /** Until when nothing goes out. */
  delay: Promise<void> | undefined
  #settled: (outboxId: string) => void = () => {}
  #onMessage: (message: IncomingMessage) => Promise<void> = async () => {}
  #end: () => void = () => {}

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async start(onMessage: (message: IncomingMessage) => Promise<void>): Promise<void> {
    this.#onMessage = onMessage
  }

  readonly send = async (to: Destination, content: Content): Promise<void> => {
    await this.delay
    if (this.refuse) throw this.refuse()
    this.sent.push({ to, content })
  }

  onSettled(listener: (outboxId: string) => void): void {
    this.#settled = listener
  }

  async stop(): Promise<void> {
    this.isStopped = true
    this.#end()
  }

  write(from: string, text: string, group?: string): Promise<void> {
    const id = `${from.slice(1)}@c.us`
    const chat = group === undefined ? ({ id, kind: 'private' } as const) : ({ id: group, kind: 'group' } as const)
    return this.#onMessage({ id: randomUUID(), source: 'whatsapp', chat, sender: { id }, text })
  }

  /** Everything that went out has arrived. */
  acknowledge(): void {
    for (const { content } of this.sent) if (content.outboxId) this.#settled(content.outboxId)
  }
}

const env = { CHAT: 'whatsapp', OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }

async function serve(folder: string): Promise<{ warden: TestWarden; platform: Platform }> {
  const warden = await openTestWarden({ env }, folder)
  const platform = new Platform()
  await warden.serve(platform)
  return { warden, platform }
}

const kept = (warden: TestWarden) => warden.sql('SELECT id FROM outbox_messages').length
const typed = (warden: TestWarden, text: string) =>
  warden.say(OWNER, text, { source: 'cli', sender: { id: OWNER, phone: OWNER, operator: 'root@machine' } })

describe('a reply', () => {
  test('is kept until it has arrived', async () => {
    const { warden, platform } = await serve(temporaryFolder())
    await platform.write(OWNER, '!config role list')
    expect(kept(warden)).toBe(1)
    platform.acknowledge()
    await expect.poll(() => kept(warden)).toBe(0)
  })

  test('that had not arrived is sent again by the next process, saying so, and the command does nothing twice', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    await first.platform.write(OWNER, `!config role promote ${USER} OPERATOR`)
    await first.warden.close()
    const { warden, platform } = await serve(folder)
    await expect
      .poll(() => platform.sent)
      .toMatchObject([{ content: { again: true, text: expect.stringMatching(/Role Change/) } }])
    expect(await warden.AuditLogRepository.count({ action: 'ROLE_CHANGE', targetPhoneNumber: USER })).toBe(1)
    platform.acknowledge()
    await expect.poll(() => kept(warden)).toBe(0)
  })

  test('that somebody else wrote into the database is none', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    await first.platform.write(OWNER, '!config role list')
    await first.warden.close()
    first.warden.sql(`INSERT INTO outbox_messages (id, source, message, reply, created_at, seal)
      SELECT 'x', source, message, replace(reply, 'User Roles', 'Send me your code'), created_at, seal FROM outbox_messages`)
    const { platform } = await serve(folder)
    await expect.poll(() => platform.sent.length).toBeGreaterThan(0)
    expect(platform.sent.map(({ content }) => content.text)).toEqual([expect.stringContaining('User Roles Summary')])
  })

  test('that had not arrived is sent before what is asked for while the next process starts', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    await first.platform.write(OWNER, '!config role list')
    await first.warden.close()
    const warden = await openTestWarden({ env }, folder)
    const platform = new Platform()
    const serving = warden.serve(platform)
    await platform.write(OWNER, '!config audit list')
    await serving
    expect(platform.sent.map(({ content }) => content.text)).toEqual([
      expect.stringContaining('User Roles Summary'),
      expect.stringContaining('Audit'),
    ])
  })

  test('to a group goes on being for the sender alone when it is sent again', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    await first.platform.write(OWNER, '!config role list', 'team@g.us')
    await first.warden.close()
    const { platform } = await serve(folder)
    await expect.poll(() => platform.sent.length).toBe(2)
    expect(platform.sent.map(({ to }) => to.kind)).toEqual(['sender', 'chat'])
    expect(platform.sent[1]?.content.text).toContain('in private')
  })

  test('is not sent again to somebody who lost the role for it', async () => {
    const folder = temporaryFolder()
    const first = await serve(folder)
    await first.platform.write(ADMIN, '!config role list')
    await typed(first.warden, `!config role demote ${ADMIN} USER`)
    await first.warden.close()
    const { warden, platform } = await serve(folder)
    // What the owners are told of it is all that goes out.
    await expect.poll(() => kept(warden)).toBe(platform.sent.length)
    for (const { content } of platform.sent) expect(content.text).toContain(`${ADMIN} is now USER`)
  })

  test('to another owner is not sent to who is none any more, or is kept out', async () => {
    for (const meanwhile of [`role revoke ${OWNER2}`, `user block ${OWNER2}`]) {
      const { warden } = await serve(temporaryFolder())
      await warden.close()
      const folder = warden.folder
      const left = await openTestWarden({ env }, folder)
      // Nothing is served, so the note with the code waits.
      await typed(left, '!config set retention-days 40')
      await typed(left, `!config ${meanwhile}`)
      const revoke = (await left.waiting()).find(({ command }) => meanwhile.startsWith(command))
      if (revoke !== undefined) await left.decide(revoke.code)
      await left.close()
      const { warden: next, platform } = await serve(folder)
      await expect.poll(() => kept(next)).toBe(platform.sent.length)
      for (const { content } of platform.sent) expect(content.text).not.toContain('confirm')
    }
  })

  test('that the platform refuses is kept no longer; one that it may still take is', async () => {
    const { warden, platform } = await serve(temporaryFolder())
    platform.refuse = () => new Error('no such chat')
    await platform.write(OWNER, '!config role list')
    await expect.poll(() => kept(warden)).toBe(0)
    platform.refuse = () => new Postponed('stopping')
    await platform.write(OWNER, '!config role list')
    await warden.close()
    expect(kept(warden)).toBe(1)
  })
})

describe('a chat that sends slowly', () => {
  test('holds up no command, keeps its answers in order, and those of whoever has a role go first', async () => {
    const { warden, platform } = await serve(temporaryFolder())
    await warden.say(OWNER, `!config role promote ${USER} USER`, { source: 'cli' })
    const { passed, open } = door()
    platform.delay = passed
    const from = (phone: string, n: number) => platform.write(phone, `!config audit list ${n}`, 'team@g.us')
    for (let n = 1; n <= 3; n++) await platform.write(USER, '!config audit mine', 'team@g.us')
    for (let n = 1; n <= 3; n++) await from(OWNER, n)
    // All were carried out before any answer was sent.
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_LOG_VIEWED' })).toBe(6)
    expect(platform.sent).toEqual([])
    open()
    await expect.poll(() => platform.sent.length).toBe(12)
    const toOwner = platform.sent.filter(({ to }) => to.kind === 'sender' && to.senderId.startsWith(OWNER.slice(1)))
    expect(toOwner.map(({ content }) => /\((\d) days?\)/.exec(content.text)?.[1])).toEqual(['1', '2', '3'])
    const yields = platform.sent.map(({ content }) => content.yields === true)
    expect(yields.filter(Boolean)).toHaveLength(6)
    platform.acknowledge()
    await expect.poll(() => kept(warden)).toBe(0)
  })
})

test('an answer that waits is not taken for one that was left, where nobody could look for those at the start', async () => {
  const warden = await openTestWarden({ env })
  const platform = new Platform()
  const { passed, open } = door()
  platform.delay = passed
  warden.sql('ALTER TABLE outbox_messages RENAME TO outbox_away')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  await warden.serve(platform)
  warden.sql('ALTER TABLE outbox_away RENAME TO outbox_messages')
  await platform.write(OWNER, '!config role list')
  vi.advanceTimersByTime(10_000)
  await warden.AuditLogRepository.count()
  open()
  await expect.poll(() => platform.sent.length).toBe(1)
  platform.acknowledge()
  await expect.poll(() => kept(warden)).toBe(0)
  expect(platform.sent).toHaveLength(1)
})

test('answers that were left go out once it is known who may still see them', async () => {
  const folder = temporaryFolder()
  const first = await serve(folder)
  for (const text of ['!config role list', '!config audit list']) await first.platform.write(OWNER, text)
  await first.warden.close()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const warden = await openTestWarden({ env }, folder)
  warden.sql('ALTER TABLE blocks RENAME TO blocks_away')
  const platform = new Platform()
  await warden.serve(platform)
  expect(platform.sent).toEqual([])
  warden.sql('ALTER TABLE blocks_away RENAME TO blocks')
  for (let look = 0; look < 3; look++) {
    vi.advanceTimersByTime(5000)
    await warden.AuditLogRepository.count()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await expect.poll(() => platform.sent.length).toBe(2)
  platform.acknowledge()
  await expect.poll(() => kept(warden)).toBe(0)
})

test('what a send throws that cannot be read ends nowhere, also of an answer that nobody waits for', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const throwing = () => {
    throw new Error('of a trap')
  }
  let looked = 0
  const later = Object.defineProperty(new Error('x'), 'code', {
    enumerable: true,
    get: () => (looked++ > 0 ? throwing() : 'once'),
  })
  for (const thrown of [new Proxy({}, { getPrototypeOf: throwing }), later]) {
    const { warden, platform } = await serve(temporaryFolder())
    platform.refuse = () => thrown as Error
    platform.delay = new Promise((resolve) => setTimeout(resolve, 200))
    for (let written = 0; written < 3; written++) await platform.write(OWNER, '!config help')
    await expect.poll(() => kept(warden)).toBe(0)
  }
  expect(unhandled).toEqual([])
})

describe('a note about what was typed on the machine', () => {
  test('goes out by the chat, once, unmarked, also while another process holds the lock', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { warden, platform } = await serve(temporaryFolder())
    // This one is on its way: whoever looks for notes must not take it for one that was left.
    await platform.write(OWNER, '!config role list')
    await typed(warden, `!config role promote ${OPERATOR} ADMIN`)
    const holder = await holdLock(warden.path, 60_000)
    const notes = () => platform.sent.filter(({ to }) => to.kind === 'person')
    // The first look waits for the lock while the next is due.
    vi.advanceTimersByTime(10_000)
    await warden.AuditLogRepository.count()
    expect(notes()).toEqual([])
    holder.process.kill('SIGKILL')
    await expect.poll(() => notes().length, { timeout: 30_000 }).toBe(1)
    const note = { text: expect.stringContaining('is now ADMIN') }
    expect(notes()).toMatchObject([{ to: { kind: 'person', account: OWNER2 }, content: note }])
    expect(notes()[0]?.content.again).toBeUndefined()
    platform.acknowledge()
    await expect.poll(() => kept(warden), { timeout: 30_000 }).toBe(0)
    expect(platform.sent).toHaveLength(2)
  })
})

test('closing stops the chats that are served', async () => {
  const { warden, platform } = await serve(temporaryFolder())
  await warden.close()
  expect(platform.isStopped).toBe(true)
})

test('a bare more is nothing where nobody looked up who wrote it and the number is pinned', async () => {
  const warden = await openTestWarden()
  onTestFinished(() => warden.close())
  const id = `${ADMIN.slice(1)}@c.us`
  for (let written = 0; written < 15; written++)
    await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OPERATOR } })
  const from = (sender: object) => ({ source: 'whatsapp', sender: { id, ...sender } }) as const
  expect((await warden.say('', '!config audit list', from({ account: '1@lid' }))).status).toBe('answered')
  expect((await warden.say('', 'more', from({ unverified: true }))).status).toBe('ignored')
  expect((await warden.say('', '!config more', from({ unverified: true }))).status).toBe('denied')
  expect((await warden.say('', '!config more', from({ account: '2@lid' }))).status).toBe('denied')
  expect((await warden.say('', 'more', from({ account: '1@lid' }))).status).toBe('answered')
})
