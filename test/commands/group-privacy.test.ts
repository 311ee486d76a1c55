import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Content, Destination, Send } from '../../src/chat/adapter.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { ADMIN, OPERATOR, OWNER, OWNER2, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'

const GROUP = '120363000000000000@g.us'
const SENT = '🔒 I sent you the answer in private.'
const WRITE_FIRST = '🔒 I can only answer this in private, and could not reach you. Please write to me first.'
const SECRET = '+15550000666'

interface Sent {
  readonly to: Destination
  readonly content: Content
  /** What the file held when it was sent. */
  readonly file: string | undefined
}

const account = (phone: string): string => `${phone.slice(1)}@c.us`

/** Sends a command to a group and records what is sent, and to whom. */
async function inGroup(warden: TestWarden, by: string, text: string, reachable = true) {
  const sent: Sent[] = []
  const send: Send = async (to, content) => {
    if (to.kind !== 'chat' && !reachable) throw new Error('This person has never written.')
    const file = content.attachment && (await readFile(content.attachment.path, 'utf8'))
    sent.push({ to, content, file })
  }
  const message: IncomingMessage = {
    id: `${text} by ${by} ${randomUUID()}`,
    source: 'whatsapp',
    chat: { id: GROUP, kind: 'group' },
    sender: { id: account(by) },
    text,
  }
  const status = await warden.respond(message, send)
  const inTheGroup = sent.filter(({ to }) => to.kind === 'chat')
  const toSender = sent.filter(({ to }) => to.kind === 'sender')
  expect(inTheGroup.map(({ to }) => to)).toEqual(inTheGroup.map(() => ({ kind: 'chat', chatId: GROUP })))
  expect(toSender.map(({ to }) => to)).toEqual(
    toSender.map(() => ({ kind: 'sender', senderId: account(by), phone: undefined })),
  )
  const leftOver = await readdir(join(warden.folder, 'outgoing')).catch(() => [])
  return { status, message, inTheGroup, toSender, toOthers: sent.filter(({ to }) => to.kind === 'person'), leftOver }
}

/** Each sensitive command, with what its answer tells that no group may see. */
const SENSITIVE = [
  { command: 'audit list', typed: 'audit list', tells: SECRET },
  { command: 'audit user', typed: `audit user ${USER}`, tells: SECRET },
  { command: 'audit category', typed: 'audit category SECURITY', tells: SECRET },
  { command: 'audit mine', typed: 'audit mine', tells: `Audit Logs about you` },
  { command: 'audit export', typed: 'audit export', tells: 'Audit Log Export Complete' },
  { command: 'audit dsar', typed: `audit dsar ${USER}`, tells: USER },
  { command: 'audit search', typed: `audit search text:${SECRET}`, tells: SECRET },
  { command: 'audit history', typed: `audit history ${USER}`, tells: USER },
  { command: 'audit verify', typed: 'audit verify', tells: 'Internally consistent' },
  { command: 'audit proof', typed: 'audit proof 1', tells: 'Proof of entry 1' },
  { command: 'audit key', typed: 'audit key', tells: 'Public key' },
  { command: 'audit checkpoint', typed: 'audit checkpoint', tells: 'chatwarden.local/' },
  { command: 'audit clock', typed: 'audit clock', tells: 'Nothing speaks against it' },
  { command: 'audit erase', typed: `audit erase ${USER}`, tells: USER },
  { command: 'audit hold list', typed: 'audit hold list', tells: 'Legal Holds' },
  { command: 'audit hold add', typed: `audit hold add ${ADMIN}`, tells: ADMIN },
  { command: 'audit hold remove', typed: `audit hold remove ${ADMIN}`, tells: ADMIN },
  { command: 'role list', typed: 'role list', tells: ADMIN },
  { command: 'role info', typed: `role info ${ADMIN}`, tells: ADMIN },
  { command: 'role promote', typed: `role promote ${USER} USER`, tells: USER },
  { command: 'role demote', typed: `role demote ${USER} USER`, tells: USER },
  { command: 'role confirm', typed: `role confirm ${OPERATOR}`, tells: 'Identity Confirmed' },
  { command: 'audit stats', typed: 'audit stats', tells: 'Audit Statistics' },
  { command: 'role why', typed: `role why ${USER} audit list`, tells: USER },
  { command: 'role revoke', typed: `role revoke ${USER}`, tells: USER },
  { command: 'user status', typed: `user status ${USER}`, tells: USER },
  { command: 'user block', typed: `user block ${USER}`, tells: USER },
  { command: 'user unblock', typed: `user unblock ${USER}`, tells: USER },
  { command: 'whitelist add', typed: `whitelist add ${USER}`, tells: USER },
  { command: 'whitelist list', typed: 'whitelist list', tells: USER },
  { command: 'whitelist remove', typed: `whitelist remove ${USER}`, tells: USER },
  { command: 'get', typed: 'get timezone', tells: 'UTC' },
  { command: 'set', typed: 'set page-size 9', tells: 'page-size' },
  { command: 'reset', typed: 'reset page-size', tells: 'page-size' },
  { command: 'confirm', typed: 'confirm CODE', tells: 'retention-days' },
] as const

async function codeFor(warden: TestWarden): Promise<string> {
  await warden.say(OWNER, '!config reset retention-days')
  const asked = await warden.ask(OWNER, '!config set retention-days 60')
  return /confirm (\d{6})/.exec(asked)?.[1] ?? ''
}

describe('a sensitive command in a group', () => {
  const shared = shareWarden()
  const withEntries = async () => {
    const { warden } = shared
    await warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: USER }, queryType: SECRET })
    await warden.AuditLogger.logCircuitBreakerChange({ service: SECRET, state: 'OPEN' })
    // Somebody who may be the operator, for an owner to confirm.
    const sender = { id: account(OPERATOR).replace('c.us', 'lid') }
    await warden.say('', '!config help', { source: 'whatsapp', sender })
    return warden
  }

  test('is every command that there is', () => {
    expect(COMMANDS.filter(({ sensitive }) => sensitive).map(commandName)).toEqual(COMMANDS.map(commandName))
    expect(new Set(SENSITIVE.map(({ command }) => command))).toEqual(new Set(COMMANDS.map(commandName)))
  })

  test.each(SENSITIVE)('leaves only the notice there: $typed', async ({ typed, tells }) => {
    const warden = await withEntries()
    const text = typed.endsWith('CODE') ? typed.replace('CODE', await codeFor(warden)) : typed
    const { status, message, inTheGroup, toSender, toOthers, leftOver } = await inGroup(
      warden,
      OWNER,
      `!config ${text}`,
    )
    expect(status).toBe('answered')
    for (const { content } of inTheGroup) expect(content).toEqual({ text: SENT, quotedId: message.id })
    expect(inTheGroup).toHaveLength(toSender.length)
    expect(toSender.map(({ content }) => content.text).join('\n')).toContain(tells)
    expect(toOthers).toEqual([])
    expect(leftOver).toEqual([])
  })

  test.each(SENSITIVE)('is answered nowhere if the sender cannot be reached: $typed', async ({ typed }) => {
    const warden = await withEntries()
    const text = typed.endsWith('CODE') ? typed.replace('CODE', await codeFor(warden)) : typed
    const { message, inTheGroup, toSender, toOthers, leftOver } = await inGroup(warden, OWNER, `!config ${text}`, false)
    expect(inTheGroup.length).toBeGreaterThan(0)
    for (const { content } of inTheGroup) expect(content).toEqual({ text: WRITE_FIRST, quotedId: message.id })
    expect([...toSender, ...toOthers]).toEqual([])
    expect(leftOver).toEqual([])
  })

  test('the file of an export goes to the sender alone, and is gone afterwards', async () => {
    const warden = await withEntries()
    const { toSender, leftOver } = await inGroup(warden, OWNER, '!config audit export')
    expect(toSender.map(({ content }) => content.text)).toEqual([
      expect.stringContaining('Audit Log Export Complete'),
      '',
    ])
    expect(toSender[0]?.file).toContain(SECRET)
    expect(leftOver).toEqual([])
  })

  test('the next page is as private as the first', async () => {
    const warden = await withEntries()
    for (let i = 0; i < 12; i++)
      await warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: USER }, queryType: SECRET })
    await inGroup(warden, OWNER, '!config audit list')
    for (const more of ['more', '!config more']) {
      const { status, inTheGroup, toSender } = await inGroup(warden, OWNER, more)
      expect([status, inTheGroup.map(({ content }) => content.text)]).toEqual(['answered', [SENT]])
      expect(toSender[0]?.content.text).toContain('📋 *Audit Logs')
    }
  })

  test.each([
    [`role demote ${SECRET} USER`, 'not-found', SECRET],
    [`role info ${SECRET}`, 'not-found', SECRET],
    [`role promote ${OPERATOR} USER`, 'usage', 'is OPERATOR'],
    [`role demote ${OWNER} USER`, 'denied', 'You cannot demote yourself'],
  ])('what it says of somebody is private also where it fails: %s', async (typed, status, tells) => {
    const handled = await inGroup(shared.warden, OWNER, `!config ${typed}`)
    expect(handled.status).toBe(status)
    expect(handled.inTheGroup.map(({ content }) => content.text)).toEqual([SENT])
    expect(handled.toSender.map(({ content }) => content.text).join()).toContain(tells)
  })

  test('a denial tells the group nothing but that', async () => {
    for (const by of [STRANGER, USER]) {
      const { inTheGroup, toSender } = await inGroup(shared.warden, by, '!config audit export')
      expect(inTheGroup.map(({ content }) => content.text)).toEqual([expect.stringMatching(/^❌ You don't have /)])
      expect(toSender).toEqual([])
    }
  })

  test('what is wrong with the words is said there, without anybody’s data', async () => {
    const { inTheGroup, toSender } = await inGroup(shared.warden, ADMIN, '!config audit list 7abc')
    expect(inTheGroup.map(({ content }) => content.text)).toEqual([expect.stringContaining('Invalid number of days')])
    expect(toSender).toEqual([])
  })

  test('owners are told of a new owner in their own chats, not in the group', async () => {
    const { inTheGroup, toOthers } = await inGroup(shared.warden, OWNER, `!config role promote ${OWNER2} OWNER`)
    expect([inTheGroup.map(({ content }) => content.text), toOthers]).toEqual([[SENT], []])
    const { toOthers: told, inTheGroup: there } = await inGroup(
      shared.warden,
      OWNER,
      `!config role promote ${SECRET} ADMIN`,
    )
    expect(told.map(({ to }) => to)).toEqual([{ kind: 'person', account: OWNER2 }])
    expect(told[0]?.content.text).toContain(`${SECRET} is now ADMIN`)
    expect(there.map(({ content }) => content.text)).toEqual([SENT])
  })
})
