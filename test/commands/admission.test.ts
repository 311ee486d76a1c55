import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import type { Handled, IncomingMessage } from '../../src/kernel/message.ts'
import {
  ADMIN,
  ADMIN2,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  openWithUser,
  STRANGER,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { onPostgres } from '../support/database.ts'
import { idOf, linkAccount } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, refuseEntries, roleOf, textOf } from '../support/trail.ts'

const NEW = '+15550000777'
const BLOCKED = '⛔ You are blocked from using this bot.'
const NOT_WHITELISTED = '⛔ This bot is only for people on its whitelist. Ask an admin to add you.'
const TURNED_AWAY: Handled = { status: 'blocked', replies: [] }
/** Whom a block concerns hears of it alone; that there is a whitelist is no secret. */
const told = (text: string): Handled => ({
  status: 'blocked',
  replies: [{ audience: text === NOT_WHITELISTED ? 'chat' : 'sender', text }],
})

const messageOf = (phone: string, text = 'hello', more: Partial<IncomingMessage> = {}): IncomingMessage => ({
  id: randomUUID(),
  source: 'api',
  chat: { id: phone, kind: 'private' },
  sender: { id: phone },
  text,
  ...more,
})

describe('somebody blocked', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const owner = (text: string) => shared.warden.say(OWNER, `!config ${text}`)
  const send = (text = 'audit mine', more: Partial<IncomingMessage> = {}) =>
    shared.warden.say(USER, `!config ${text}`, more)

  test('is told once, then nothing, whatever they send and wherever', async () => {
    const { warden } = shared
    await owner(`user block ${USER} spam`)
    const group = { chat: { id: '120363000000000000@g.us', kind: 'group' } } as const
    const { result, entries } = await entriesOf(warden, async () => [
      await send('audit mine', group),
      await send(),
      await send('help'),
      await send('nonsense'),
      await send('audit export'),
      await send(`role promote ${USER} OWNER`),
      await send('more'),
      await send('audit mine', { sender: { id: `${USER.slice(1)}:3@c.us` } }),
      await send('audit mine', { sender: { id: '987654321098765@lid', phone: USER } }),
      await send('audit mine', { ...group, chat: { id: 'another@g.us', kind: 'group' } }),
    ])
    expect(result).toEqual([told(BLOCKED), ...Array<Handled>(9).fill(TURNED_AWAY)])
    expect(entries).toMatchObject([
      {
        action: 'ACCESS_BLOCKED',
        category: 'SECURITY',
        phoneNumber: USER,
        userRole: 'USER',
        metadata: { reason: 'BLOCKED' },
      },
    ])
  })

  test('is told until when, where there is an end', async () => {
    shared.clock.time = Date.UTC(2027, 2, 1, 22, 30)
    await owner(`user block ${USER} for 2h`)
    expect(await send()).toEqual(told('⛔ You are blocked from using this bot until 2027-03-02 00:30.'))
  })

  test('is one entry an hour, however many messages come at once', async () => {
    const { warden, clock } = shared
    await owner(`user block ${USER}`)
    const burst = async () => {
      const { result, entries } = await entriesOf(warden, () => Promise.all(Array.from({ length: 12 }, () => send())))
      expect(new Set(result.map(({ status }) => status))).toEqual(new Set(['blocked']))
      return { replies: result.flatMap(({ replies }) => replies).length, entries: entries.length }
    }
    expect(await burst()).toEqual({ replies: 1, entries: 1 })
    clock.advance(HOUR - 1)
    expect(await burst()).toEqual({ replies: 0, entries: 0 })
    clock.advance(1)
    expect(await burst()).toEqual({ replies: 0, entries: 1 })
    clock.advance(HOUR)
    expect(await burst()).toEqual({ replies: 0, entries: 1 })
  })

  test('is told once more when blocked again, also without having been unblocked', async () => {
    await owner(`user block ${USER}`)
    expect(await send()).toEqual(told(BLOCKED))
    await owner(`user unblock ${USER}`)
    expect((await send()).status).toBe('answered')
    await owner(`user block ${USER}`)
    expect(await send()).toEqual(told(BLOCKED))
    expect(await send()).toEqual(TURNED_AWAY)
    await owner(`user block ${USER} for 3 hours`)
    expect((await send()).replies).toHaveLength(1)
    expect(await send()).toEqual(TURNED_AWAY)
  })

  test('is an entry again where the clock was set back', async () => {
    const { warden, clock } = shared
    await owner(`user block ${USER}`)
    await send()
    clock.advance(-3 * HOUR)
    const { entries } = await entriesOf(warden, () => send())
    // That the clock was set back is an entry of its own, which comes when it comes.
    expect(entries.map(({ action }) => action).filter((action) => action !== 'CLOCK_JUMP')).toEqual(['ACCESS_BLOCKED'])
    clock.advance(3 * HOUR)
  })

  test('whose block has ended is not blocked again by a clock that is set back', async () => {
    const { warden, clock } = shared
    await owner(`user block ${OWNER2} for 1h`)
    clock.advance(2 * HOUR)
    expect((await warden.say(OWNER2, '!config role list')).status).toBe('answered')
    clock.advance(-1.5 * HOUR)
    expect((await warden.say(OWNER2, '!config role list')).status).toBe('answered')
    clock.advance(1.5 * HOUR)
  })

  test('is one of many: another is told too, and one who is not blocked hears nothing of it', async () => {
    for (const phone of [USER, STRANGER]) await owner(`user block ${phone}`)
    for (const phone of [USER, STRANGER]) expect(await shared.warden.say(phone, '!config help')).toEqual(told(BLOCKED))
    expect((await shared.warden.say(OPERATOR, '!config help')).status).toBe('answered')
    await owner(`user unblock ${STRANGER}`)
  })

  test('is answered once for a message that is delivered twice', async () => {
    await owner(`user block ${USER}`)
    const message = messageOf(USER, '!config help')
    expect(await shared.warden.handle(message)).toEqual(told(BLOCKED))
    expect((await shared.warden.handle(message)).status).toBe('duplicate')
  })

  test('is turned away without a word when that cannot be written', async () => {
    await owner(`user block ${USER}`)
    const accept = refuseEntries(shared.warden)
    expect([await send(), await send()]).toEqual([TURNED_AWAY, TURNED_AWAY])
    const admission = { admitted: false, reason: 'blocked', text: undefined }
    expect(await shared.warden.admit(messageOf(USER))).toEqual(admission)
    accept()
    expect(await send()).toEqual(told(BLOCKED))
  })

  test('as ADMIN can do nothing any more, and no promotion helps', async () => {
    const { warden } = shared
    const COMMANDS = ['help', 'audit list', 'role list', `user unblock ${ADMIN}`, `whitelist add ${NEW}`, 'get']
    await owner(`user block ${ADMIN}`)
    const sendAll = () => Promise.all(COMMANDS.map((command) => warden.say(ADMIN, `!config ${command}`)))
    for (const { status } of await sendAll()) expect(status).toBe('blocked')
    await owner(`role promote ${ADMIN} OWNER`)
    expect(await sendAll()).toEqual(COMMANDS.map(() => TURNED_AWAY))
    // An owner who cannot act is none who could stay behind, nor one who is told.
    const { replies } = await owner(`role promote ${NEW} ADMIN`)
    expect(replies.slice(1).map(({ audience }) => audience)).toEqual([{ account: OWNER2 }])
    for (const command of [`role demote ${ADMIN} ADMIN`, `user unblock ${ADMIN}`, `role revoke ${NEW}`])
      expect((await owner(command)).status).toBe('answered')
    expect((await warden.say(ADMIN, '!config role list')).status).toBe('answered')
  })

  test('in the middle of a command gets nothing of it', async () => {
    const { warden, clock } = shared
    const block = () => warden.sql('INSERT INTO blocks VALUES (?, NULL, NULL, ?, ?)', OWNER2, OWNER, clock.time)
    const { result, entries } = await entriesOf(warden, () =>
      warden.handle(messageOf(OWNER2, '!config audit export 30'), () => void block()),
    )
    expect(result.status).toBe('denied')
    expect(result.replies.map(({ attachment }) => attachment)).toEqual([undefined])
    expect(entries).toMatchObject([
      { action: 'PERMISSION_DENIED', metadata: { attemptedAction: 'EXPORT_AUDIT_LOGS', reason: 'BLOCKED' } },
    ])
    const outgoing = join(warden.folder, 'outgoing')
    expect(existsSync(outgoing) ? readdirSync(outgoing, { recursive: true, withFileTypes: true }) : []).toEqual([])
    await owner(`user unblock ${OWNER2}`)
  })

  test('gets nothing confirmed any more that they asked for before', async () => {
    const { warden } = shared
    const { replies } = await warden.say(OWNER2, '!config set retention-days 60')
    const code = /confirm (\d{6})/.exec(replies.map(({ text }) => text).join())?.[1]
    await owner(`user block ${OWNER2}`)
    const { result, entries } = await entriesOf(warden, () => owner(`confirm ${code}`))
    expect(result.status).toBe('not-found')
    expect(textOf(result)).toBe('Who asked for that may no longer ask for it. Nothing was changed.')
    expect(entries).toEqual([])
    await owner(`user unblock ${OWNER2}`)
  })

  test('at the same moment as they act changes nothing any more', async () => {
    const { warden, clock } = shared
    for (let round = 0; round < 5; round++) {
      const { result, entries } = await entriesOf(warden, () =>
        Promise.all([owner(`user block ${ADMIN}`), warden.say(ADMIN, `!config role promote ${USER} OPERATOR`)]),
      )
      const [block, change] = result
      expect(block.status).toBe('answered')
      // On a server each has a connection of its own, and either may be the first to write.
      const mayBeFirst = onPostgres && entries[0]?.action === 'ROLE_CHANGE'
      expect(mayBeFirst ? ['answered'] : ['denied', 'blocked']).toContain(change.status)
      expect(await roleOf(warden, USER)).toBe(mayBeFirst ? 'OPERATOR' : 'USER')
      if (mayBeFirst) await owner(`role demote ${USER} USER`)
      await owner(`user unblock ${ADMIN}`)
      clock.advance(11 * MINUTE)
    }
  })

  test('changes no role through the library either', async () => {
    const { warden, clock } = shared
    const change = () =>
      warden.UserRepository.changeRole({
        performedBy: { phoneNumber: ADMIN2 },
        phoneNumber: USER,
        newRole: 'OPERATOR',
      })
    await owner(`user block ${ADMIN2} for 1h`)
    const { entries } = await entriesOf(warden, () =>
      expect(change()).rejects.toMatchObject({ code: 'NOT_PERMITTED', message: expect.stringContaining('BLOCKED') }),
    )
    expect(entries).toMatchObject([
      {
        action: 'PERMISSION_DENIED',
        account: ADMIN2,
        resourceId: USER,
        metadata: { attemptedAction: 'PROMOTE_USER', reason: 'BLOCKED', targetUser: USER },
      },
    ])
    expect(await roleOf(warden, USER)).toBe('USER')
    clock.advance(HOUR)
    await change()
    expect(await roleOf(warden, USER)).toBe('OPERATOR')
    await owner(`role demote ${USER} USER`)
  })
})

describe('whitelist mode', () => {
  const shared = shareWarden()
  const LISTED = '+15550000402'
  const owner = (text: string) => shared.warden.say(OWNER, `!config ${text}`)
  const help = (phone: string) => shared.warden.say(phone, '!config help')

  test('lets in ADMINs, OWNERs and who is on the list; the others are told once', async () => {
    const { warden, clock } = shared
    await owner(`whitelist add ${LISTED}`)
    expect((await help(OPERATOR)).status).toBe('answered')
    await owner('set whitelist-mode on')
    for (const phone of [OWNER, ADMIN, LISTED]) expect((await help(phone)).status).toBe('answered')
    for (const [phone, role] of [
      [OPERATOR, 'OPERATOR'],
      [USER, 'USER'],
      [STRANGER, 'NONE'],
    ] as const) {
      const { result, entries } = await entriesOf(warden, async () => [await help(phone), await help(phone)])
      expect(result).toEqual([told(NOT_WHITELISTED), TURNED_AWAY])
      expect(entries).toMatchObject([
        {
          action: 'ACCESS_BLOCKED',
          phoneNumber: phone,
          userRole: role,
          metadata: { reason: 'NOT_WHITELISTED' },
        },
      ])
    }
    clock.advance(HOUR)
    const later = await entriesOf(warden, () => help(STRANGER))
    expect(later.result).toEqual(TURNED_AWAY)
    expect(later.entries.map(({ action }) => action)).toEqual(['ACCESS_BLOCKED'])
    await owner(`whitelist add ${OPERATOR}`)
    expect((await help(OPERATOR)).status).toBe('answered')
    await owner(`whitelist remove ${OPERATOR}`)
    expect(await help(OPERATOR)).toEqual(told(NOT_WHITELISTED))
    await owner('set whitelist-mode off')
    expect((await help(OPERATOR)).status).toBe('answered')
  })

  test('keeps out a sender whose number the platform does not tell', async () => {
    const { warden } = shared
    await owner('set whitelist-mode on')
    const sender = { id: '123456789012345@lid', name: 'Olivia Owner' }
    const send = () => warden.say('', '!config help', { sender })
    const { result, entries } = await entriesOf(warden, async () => [await send(), await send()])
    expect(result).toEqual([told(NOT_WHITELISTED), TURNED_AWAY])
    expect(entries).toMatchObject([
      { action: 'ACCESS_BLOCKED', phoneNumber: `whatsapp:${sender.id}`, userRole: 'NONE' },
    ])
    await owner('set whitelist-mode off')
  })

  test('is no way around a block, and a block is told to who was told of the whitelist', async () => {
    await owner('set whitelist-mode on')
    expect(await help(NEW)).toEqual(told(NOT_WHITELISTED))
    for (const phone of [LISTED, NEW]) await owner(`user block ${phone}`)
    expect(await help(LISTED)).toEqual(told(BLOCKED))
    expect(await help(NEW)).toEqual(told(BLOCKED))
    for (const phone of [LISTED, NEW]) await owner(`user unblock ${phone}`)
    expect((await help(LISTED)).status).toBe('answered')
    expect(await help(NEW)).toEqual(told(NOT_WHITELISTED))
    await owner('set whitelist-mode off')
  })

  test('is told to who was told of a block, when that has ended by itself', async () => {
    await owner('set whitelist-mode on')
    await owner(`user block ${USER} for 30m`)
    expect((await help(USER)).replies).toHaveLength(1)
    shared.clock.advance(HOUR / 2)
    const { result, entries } = await entriesOf(shared.warden, () => help(USER))
    expect(result).toEqual(told(NOT_WHITELISTED))
    expect(entries.map(({ metadata }) => metadata)).toEqual([{ reason: 'NOT_WHITELISTED' }])
    await owner('set whitelist-mode off')
  })

  test('keeps out an ADMIN from the moment that they are none', async () => {
    await owner('set whitelist-mode on')
    expect((await help(ADMIN2)).status).toBe('answered')
    await owner(`role demote ${ADMIN2} OPERATOR`)
    expect(await help(ADMIN2)).toEqual(told(NOT_WHITELISTED))
    await owner(`role promote ${ADMIN2} ADMIN`)
    expect((await help(ADMIN2)).status).toBe('answered')
    await owner('set whitelist-mode off')
  })

  test('is for an OWNER to turn on', async () => {
    for (const phone of [ADMIN, OPERATOR, USER, STRANGER])
      expect((await shared.warden.say(phone, '!config set whitelist-mode on')).status).toBe('denied')
    expect((await help(OPERATOR)).status).toBe('answered')
  })
})

describe('a message that is no command', () => {
  const shared = shareWarden()
  const admit = (phone: string, more: Partial<IncomingMessage> = {}) =>
    shared.warden.admit(messageOf(phone, 'hello', more))
  const owner = (text: string) => shared.warden.say(OWNER, `!config ${text}`)

  test('is admitted with who wrote it, and writes nothing', async () => {
    const { warden } = shared
    const ids = new Map(
      warden
        .sql<{ id: string; phone: string }>(
          'SELECT u.id, a.account AS phone FROM users u JOIN accounts a ON a.user_id = u.id',
        )
        .map((row) => [row.phone, row.id]),
    )
    const lid = '123456789012345@lid'
    const who = (account: string, role: string, name?: string) => ({
      admitted: true,
      sender: { account, phoneNumber: account, role, id: ids.get(account), name },
    })
    const { result, entries } = await entriesOf(warden, async () => [
      await admit('', { source: 'whatsapp', sender: { id: `${ADMIN.slice(1)}:7@c.us`, name: 'Ada *A*' } }),
      await admit('', { sender: { id: '222222222222222@lid', phone: USER } }),
      await admit(STRANGER),
      await admit('', { sender: { id: lid } }),
    ])
    expect(result).toEqual([
      who(ADMIN, 'ADMIN', 'Ada *A*'),
      who(USER, 'USER'),
      who(STRANGER, 'NONE'),
      who(`whatsapp:${lid}`, 'NONE'),
    ])
    expect(entries).toEqual([])
    expect(await roleOf(warden, STRANGER)).toBe('NONE')
  })

  test('of somebody blocked is not admitted; they are told once, by it or by a command', async () => {
    const { warden } = shared
    await owner(`user block ${USER}`)
    const { result, entries } = await entriesOf(warden, async () => [
      await Promise.all(Array.from({ length: 6 }, () => admit(USER))),
      await warden.say(USER, '!config help'),
      await admit(USER, { chat: { id: 'group@g.us', kind: 'group' } }),
    ])
    const [burst, command, later] = result
    const quiet = { admitted: false, reason: 'blocked', text: undefined }
    expect(burst).toHaveLength(6)
    expect(burst).toEqual(expect.arrayContaining([{ ...quiet, text: BLOCKED }, quiet]))
    expect((burst as { text?: string }[]).filter(({ text }) => text !== undefined)).toHaveLength(1)
    expect(command).toEqual(TURNED_AWAY)
    expect(later).toEqual(quiet)
    expect(entries).toMatchObject([{ action: 'ACCESS_BLOCKED', phoneNumber: USER, metadata: { reason: 'BLOCKED' } }])
    await owner(`user unblock ${USER}`)
    expect(await admit(USER)).toMatchObject({ admitted: true })
  })

  test('in whitelist mode is admitted of those whose commands are', async () => {
    await owner('set whitelist-mode on')
    for (const phone of [OWNER, ADMIN]) expect(await admit(phone)).toMatchObject({ admitted: true })
    for (const phone of [OPERATOR, USER, STRANGER]) {
      const refused = { admitted: false, reason: 'not-whitelisted' }
      expect(await admit(phone)).toEqual({ ...refused, text: NOT_WHITELISTED })
      expect(await admit(phone)).toEqual({ ...refused, text: undefined })
    }
    await owner('set whitelist-mode off')
    expect(await admit(STRANGER)).toMatchObject({ admitted: true })
  })

  test('is not admitted of a sender whom the platform could not look up', async () => {
    const sender = { id: '999888777@lid', unverified: true }
    expect(await shared.warden.admit(messageOf('999888777@lid', 'hello', { source: 'whatsapp', sender }))).toEqual({
      admitted: false,
      reason: 'failed',
      text: undefined,
    })
  })

  test('is not admitted of somebody blocked whose number is not told but whose account is known', async () => {
    const { warden } = shared
    const account = '111222333@lid'
    const sender = { id: account, phone: OPERATOR, account }
    await warden.say('', '!config audit mine', { source: 'whatsapp', sender })
    await warden.say(OWNER, `!config user block ${OPERATOR}`)
    const hidden = messageOf(account, 'hello', { source: 'whatsapp', sender: { id: account, account } })
    expect(await warden.admit(hidden)).toMatchObject({ admitted: false, reason: 'blocked' })
    expect((await warden.handle({ ...hidden, id: 'command', text: '!config help' })).status).toBe('blocked')
    await warden.say(OWNER, `!config user unblock ${OPERATOR}`)
  })

  test('is not admitted where it cannot be found out whether it may be', async () => {
    const { warden } = shared
    const failed = { admitted: false, reason: 'failed', text: undefined }
    warden.sql('ALTER TABLE blocks RENAME TO blocks_away')
    expect(await admit(OWNER)).toEqual(failed)
    warden.sql('ALTER TABLE blocks_away RENAME TO blocks')
    expect(await admit(OWNER)).toMatchObject({ admitted: true })
    for (const nonsense of [undefined, null, 'text', {}, { sender: null }])
      expect(await warden.admit(nonsense as unknown as IncomingMessage)).toEqual(failed)
  })
})

describe('who writes too fast', () => {
  const LIMITED = /^⏳ That was too fast\. Please wait \d+ (?:seconds?|minute)\.$/
  const violations = ({ AuditLogRepository }: TestWarden) => AuditLogRepository.findByAction('RATE_LIMIT_VIOLATION')
  const times = async <T>(count: number, act: () => Promise<T>): Promise<T[]> => {
    const all: T[] = []
    while (all.length < count) all.push(await act())
    return all
  }

  test('is told once, then nothing, and a burst is one entry; others are answered', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '3' } })
    const handled = await times(8, () => warden.say(USER, '!config audit mine'))
    expect(handled.map(({ status }) => status)).toEqual([
      ...Array<string>(3).fill('answered'),
      ...Array<string>(5).fill('limited'),
    ])
    expect(handled.slice(3).map(({ replies }) => replies.length)).toEqual([1, 0, 0, 0, 0])
    expect(handled[3]?.replies[0]?.audience).toBe('chat')
    expect(handled[3] && textOf(handled[3])).toMatch(LIMITED)
    expect(await warden.admit(messageOf(USER))).toEqual({ admitted: false, reason: 'limited', text: undefined })
    await expect.poll(() => violations(warden)).toHaveLength(1)
    expect(await violations(warden)).toMatchObject([{ category: 'SECURITY', phoneNumber: USER, userRole: 'USER' }])
    // Who may do more than others may not write faster, but at the machine.
    const admins = await times(4, () => warden.say(ADMIN, '!config help'))
    expect(admins.map(({ status }) => status)).toEqual(['answered', 'answered', 'answered', 'limited'])
    for (const source of ['terminal', 'cli'] as const)
      for (const { status } of await times(5, () => warden.say(ADMIN, '!config help', { source })))
        expect(status).toBe('answered')
  })

  test('is told once for messages that are no commands, and what is turned away counts for nothing', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '2' } })
    const owner = (text: string) => warden.say(OWNER, `!config ${text}`, { source: 'cli' })
    await owner(`user block ${USER}`)
    await times(5, () => warden.admit(messageOf(USER)))
    await owner(`user unblock ${USER}`)
    const admissions = await times(4, () => warden.admit(messageOf(USER)))
    expect(admissions).toMatchObject([
      { admitted: true },
      { admitted: true },
      { admitted: false, reason: 'limited', text: expect.stringMatching(LIMITED) },
      { admitted: false, reason: 'limited', text: undefined },
    ])
    await expect.poll(() => violations(warden)).toHaveLength(1)
    expect(await warden.say(USER, '!config help')).toEqual({ status: 'limited', replies: [] })
  })

  test('of which somebody fell foul is in the trail once the bot has closed, however soon that was', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '1' } })
    void warden.admit(messageOf(USER))
    const { admitted } = await warden.admit(messageOf(USER))
    await warden.close()
    expect(admitted).toBe(false)
    expect(warden.sql(`SELECT account AS phone FROM audit_logs WHERE action = 'RATE_LIMIT_VIOLATION'`)).toEqual([
      { phone: USER },
    ])
  })

  test('is one sender with all devices of an account', async () => {
    const warden = await openTestWarden({ env: { RATE_LIMIT_USER: '2' } })
    const from = (device: number) => {
      const id = `999888776:${device}@lid`
      return warden.admit(messageOf(id, 'hello', { source: 'whatsapp', sender: { id } }))
    }
    const verdicts = [await from(1), await from(2), await from(3)]
    expect(verdicts.map(({ admitted }) => admitted)).toEqual([true, true, false])
  })

  test('is counted before anything is asked, so that what is too much costs no query', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '2' } })
    await times(3, () => warden.say(STRANGER, '!config help'))
    await times(3, () => warden.admit(messageOf(USER)))
    for (const table of ['users', 'accounts', 'blocks', 'processed_messages', 'denial_windows'])
      warden.sql(`ALTER TABLE ${table} RENAME TO ${table}_away`)
    for (const status of ['limited', 'limited'])
      expect(await warden.say(STRANGER, '!config help')).toEqual({ status, replies: [] })
    expect(await warden.admit(messageOf(USER))).toEqual({ admitted: false, reason: 'limited', text: undefined })
    for (const table of ['users', 'accounts', 'blocks', 'processed_messages', 'denial_windows'])
      warden.sql(`ALTER TABLE ${table}_away RENAME TO ${table}`)
  })

  /** Who is not certain to be whom they seem, by what the platform says of them. */
  const DOUBTFUL: Readonly<Record<string, IncomingMessage['sender']>> = {
    'whose account could not be looked up': { id: `${OPERATOR.slice(1)}@c.us`, unverified: true },
    'who has another account than before': { id: `${OPERATOR.slice(1)}@c.us`, account: '222@lid' },
    'of whom nothing is known but an account': { id: '333:4@lid', unverified: true },
    'whose id is no account': { id: 'not an id', phone: undefined } as IncomingMessage['sender'],
  }
  test.each(Object.entries(DOUBTFUL))('is limited like anybody: %s', async (_, sender) => {
    const warden = await openTestWarden({ env: { RATE_LIMIT_USER: '3' } })
    const from = (who: IncomingMessage['sender']) =>
      warden.handle(messageOf('x', '!config help', { source: 'whatsapp', sender: who }))
    await from({ id: `${OPERATOR.slice(1)}@c.us`, account: '111@lid' })
    const handled = await times(8, () => from(sender))
    const limited = handled.filter(({ status }) => status === 'limited')
    expect(limited.length).toBeGreaterThanOrEqual(4)
    expect(limited.filter(({ replies }) => replies.length > 0)).toHaveLength(1)
    await expect.poll(() => violations(warden)).toHaveLength(1)
    const denials = ['PERMISSION_DENIED', 'IDENTITY_CHANGED'].map((action) =>
      warden.AuditLogRepository.count({ action }),
    )
    expect((await Promise.all(denials)).reduce((sum, count) => sum + count)).toBe(3)
  })

  test('has one window of denials with all devices, whatever is in doubt', async () => {
    const warden = await openTestWarden()
    const from = (device: number) =>
      warden.handle(
        messageOf('x', '!config help', {
          source: 'whatsapp',
          sender: { id: `999888776:${device}@lid`, unverified: true },
        }),
      )
    const handled: Handled[] = []
    for (let device = 1; device <= 8; device++) handled.push(await from(device))
    expect(handled.filter(({ replies }) => replies.length > 0)).toHaveLength(5)
    expect(warden.sql('SELECT sender FROM denial_windows')).toHaveLength(1)
  })

  /** Who says that they have an owner's number, and what the owner writes as. */
  const IMPOSTORS: readonly (readonly [
    what: string,
    owner: Partial<IncomingMessage>,
    impostor: Partial<IncomingMessage>,
  ])[] = [
    [
      'on another platform',
      { source: 'whatsapp', sender: { id: `${OWNER.slice(1)}@c.us`, account: '111@lid' } },
      { source: 'telegram', sender: { id: '666', phone: OWNER } },
    ],
    [
      'by another account',
      { source: 'whatsapp', sender: { id: '111@lid', phone: OWNER, account: '111@lid' } },
      { source: 'whatsapp', sender: { id: '666@lid', phone: OWNER, account: '666@lid' } },
    ],
    [
      'by an account that is not looked up',
      { source: 'whatsapp', sender: { id: '111@lid', phone: OWNER, account: '111@lid' } },
      { source: 'telegram', sender: { id: '666', phone: OWNER, unverified: true } },
    ],
    [
      'by our id of them',
      { source: 'whatsapp', sender: { id: '111@lid', phone: OWNER, account: '111@lid' } },
      { source: 'api', sender: { id: 'the id' } },
    ],
  ]
  test.each(IMPOSTORS)('is not the one whose number they claim: %s', async (_, owner, impostor) => {
    const warden = await openTestWarden({ env: { RATE_LIMIT_USER: '3' } })
    const write = (by: Partial<IncomingMessage>) => warden.handle(messageOf('x', '!config help', by))
    expect((await write(owner)).status).toBe('answered')
    const id = impostor.sender?.id === 'the id' ? idOf(warden, OWNER) : impostor.sender?.id
    const claiming = { ...impostor, sender: { ...impostor.sender, id: id ?? '' } }
    const statuses = (await times(8, () => write(claiming))).map(({ status }) => status)
    expect(statuses.slice(0, 3)).toEqual(['denied', 'denied', 'denied'])
    expect(statuses.slice(3)).toEqual(Array(5).fill('limited'))
    for (let written = 0; written < 2; written++) expect((await write(owner)).status).toBe('answered')
  })

  test('is told so and written down, also where the first that was too many was something else', async () => {
    const others: Readonly<Record<string, (warden: TestWarden) => Promise<unknown>>> = {
      more: (warden) => warden.say(STRANGER, 'more'),
      'one that came twice': async (warden) => {
        const twice = messageOf(STRANGER, '!config help', { id: 'twice' })
        await warden.handle(twice)
      },
      'one that failed': async (warden) => {
        warden.sql('ALTER TABLE blocks RENAME TO blocks_away')
        expect((await warden.say(STRANGER, '!config help')).status).toBe('failed')
        warden.sql('ALTER TABLE blocks_away RENAME TO blocks')
      },
    }
    for (const other of Object.values(others)) {
      const warden = await openTestWarden({ env: { RATE_LIMIT_USER: '3' } })
      await warden.handle(messageOf(STRANGER, '!config help', { id: 'twice' }))
      await times(2, () => warden.say(STRANGER, '!config help'))
      await other(warden)
      // No more than one a second is looked at of what should have been told.
      await sleep(1050)
      const handled = await times(10, () => warden.say(STRANGER, '!config help'))
      expect(handled.filter(({ status, replies }) => status === 'limited' && replies.length > 0)).toHaveLength(1)
      await expect.poll(() => violations(warden)).toHaveLength(1)
    }
  })

  test('is not whom their account was before', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '5' } })
    const write = (id: string, phone: string) =>
      warden.handle(messageOf('x', '!config help', { source: 'whatsapp', sender: { id, phone, account: id } }))
    await write('900@lid', ADMIN)
    await write('111@lid', USER)
    for (let written = 0; written < 6; written++) await write('111@lid', ADMIN)
    expect((await warden.say(USER, '!config help')).status).toBe('answered')
  })

  test('is nobody of whom it was not known whether they may write at all', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '3' } })
    warden.sql('ALTER TABLE blocks RENAME TO blocks_away')
    await times(4, () => warden.admit(messageOf(USER)))
    warden.sql('ALTER TABLE blocks_away RENAME TO blocks')
    expect(await warden.admit(messageOf(USER))).toMatchObject({ admitted: true })
    expect((await warden.say(USER, '!config help')).status).toBe('answered')
  })

  test('says more where there is a page, however often they said it where there was none', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '6' } })
    for (let written = 0; written < 15; written++)
      await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OPERATOR } })
    const group = { chat: { id: 'team', kind: 'group' } } as const
    const chatter = await times(6, () => warden.say(ADMIN, 'more', group))
    expect(new Set(chatter.map(({ status }) => status))).toEqual(new Set(['ignored']))
    expect((await warden.say(ADMIN, '!config audit list')).status).toBe('answered')
    expect((await warden.say(ADMIN, 'more')).status).toBe('answered')
  })

  test('together with all others is told that there are many', async () => {
    const warden = await openTestWarden({ env: { RATE_LIMIT_GLOBAL: '2' } })
    for (const phone of [USER, STRANGER]) await warden.say(phone, '!config help')
    expect(textOf(await warden.say('+15550000888', '!config help'))).toMatch(/many people are writing/)
  })

  test('is one person with all accounts, told once', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '3' } })
    linkAccount(warden, 'telegram:42', USER)
    const byNumber = () => warden.say(USER, '!config help')
    const byOther = () => warden.handle(messageOf('42', '!config help', { source: 'telegram', sender: { id: '42' } }))
    const handled = [
      ...(await times(2, byNumber)),
      ...(await times(2, byOther)),
      ...(await times(4, byNumber)),
      ...(await times(4, byOther)),
    ]
    expect(handled.filter(({ status }) => status === 'answered')).toHaveLength(3)
    expect(handled.filter(({ status, replies }) => status === 'limited' && replies.length > 0)).toHaveLength(1)
    await expect.poll(() => violations(warden)).toHaveLength(1)
  })

  test('is told once though they became known meanwhile', async () => {
    const warden = await openWithUser({ env: { RATE_LIMIT_USER: '3' } })
    const handled = await Promise.all(Array.from({ length: 30 }, () => warden.say(USER, '!config help')))
    handled.push(...(await times(20, () => warden.say(USER, '!config help'))))
    expect(handled.filter(({ status }) => status === 'answered')).toHaveLength(3)
    expect(handled.filter(({ status, replies }) => status === 'limited' && replies.length > 0)).toHaveLength(1)
    await expect.poll(() => violations(warden)).toHaveLength(1)
  })

  test('keeps out all below ADMIN by the limit of all, and neither ADMINs nor OWNERs', async () => {
    const warden = await openTestWarden({ env: { RATE_LIMIT_GLOBAL: '2' } })
    await times(3, () => warden.say(OWNER, '!config help'))
    expect((await warden.say(OPERATOR, '!config help')).status).toBe('answered')
    expect(await warden.admit(messageOf(STRANGER))).toMatchObject({ admitted: true })
    expect(await warden.admit(messageOf(STRANGER))).toMatchObject({ admitted: false, reason: 'limited' })
    expect((await warden.say(OPERATOR, '!config help')).status).toBe('limited')
    for (const phone of [OWNER, ADMIN]) {
      expect((await warden.say(phone, '!config help')).status).toBe('answered')
      expect(await warden.admit(messageOf(phone))).toMatchObject({ admitted: true })
    }
    await expect.poll(() => violations(warden)).toHaveLength(1)
    expect(await violations(warden)).toMatchObject([{ phoneNumber: 'GLOBAL', userRole: 'NONE' }])
  })
})
