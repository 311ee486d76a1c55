import { describe, expect, test } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  STRANGER,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { codeFor, confirmed, noteTo } from '../support/confirming.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, expectDenial, textOf } from '../support/trail.ts'

async function open(owners: readonly string[] = [OWNER, OWNER2]) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(',') } })
  return { warden, clock }
}

const reset = (warden: TestWarden, phoneNumber: string) =>
  warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber } })
const resets = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('CONVERSATION_RESET')).map(({ phoneNumber }) => phoneNumber).sort()
const verified = async (warden: TestWarden) =>
  expect(await warden.ask(OWNER, '!config audit verify')).toContain('✅ *Internally consistent*')

describe('a legal hold', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })

  test('on a person keeps what they did and what was done to them, until the clean-up after it ends', async () => {
    const { warden, clock } = await open()
    await reset(warden, USER)
    await reset(warden, STRANGER)
    await warden.say(ADMIN, `!config audit user ${USER}`)
    await warden.say(ADMIN, `!config audit user ${STRANGER}`)
    await warden.say(OWNER, `!config audit hold add ${USER} the lost parcel`)
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await resets(warden)).toEqual([USER])
    expect(await warden.AuditLogRepository.findByAction('AUDIT_LOG_VIEWED')).toMatchObject([{ resourceId: USER }])
    await verified(warden)
    expect((await confirmed(warden, `audit hold remove ${USER}`)).status).toBe('answered')
    expect(await resets(warden)).toEqual([USER])
    await warden.cleanupExpiredAuditLogs()
    expect(await resets(warden)).toEqual([])
    await verified(warden)
  })

  test('on all stops every clean-up and every erasure', async () => {
    const { warden, clock } = await open()
    await reset(warden, USER)
    await warden.say(OWNER, '!config audit hold add ALL')
    clock.advance(400 * DAY)
    expect(await warden.cleanupExpiredAuditLogs()).toBe(0)
    expect(await warden.ask(OWNER, `!config audit erase ${USER}`)).toContain(`${USER} is under a legal hold.`)
    expect(await resets(warden)).toEqual([USER])
  })

  test('on one person keeps what another did to them from being erased, which is said', async () => {
    const { warden } = await open()
    await reset(warden, STRANGER)
    await warden.AuditLogger.logAuditLogViewed({
      performedBy: { phoneNumber: STRANGER },
      filters: { phoneNumber: USER },
    })
    const asked = await warden.say(OWNER, `!config audit erase ${USER}`)
    await warden.say(OWNER, `!config audit hold add ${USER}`)
    expect((await warden.say(OWNER, `!config audit erase ${USER}`)).status).toBe('not-found')
    // A hold counts also for what was asked for before it.
    const late = await warden.say(OWNER2, `!config confirm ${codeFor(asked, OWNER2)}`)
    expect(late.status).toBe('not-found')
    const done = textOf(await confirmed(warden, `audit erase ${STRANGER}`))
    expect(done).toContain('📊 1 entries were removed.')
    expect(done).toContain('⚖️ 1 entries stay: they also concern somebody under a legal hold.')
    const id =
      warden.sql<{ id: string }>(
        'SELECT id FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = ?)',
        OWNER2,
      )[0]?.id ?? ''
    await warden.say(OWNER, `!config audit hold add ${OWNER2}`)
    await expect(warden.AuditLogRepository.deleteByUser(id)).rejects.toMatchObject({ code: 'UNDER_HOLD' })
    await verified(warden)
  })

  test('is told to the owners, stands in the trail, and is added once', async () => {
    const { warden } = await open()
    const { result, entries } = await entriesOf(warden, () =>
      warden.say(OWNER, `!config audit hold add ${STRANGER} the *lost*\nparcel`),
    )
    expect(textOf(result)).toContain(`⚖️ *Legal Hold* on ${STRANGER}`)
    expect(noteTo(result, OWNER2)?.text).toContain(`⚖️ *Legal Hold* on ${STRANGER}`)
    expect(entries).toMatchObject([
      {
        action: 'AUDIT_HOLD_ADD',
        category: 'CONFIG',
        phoneNumber: OWNER,
        resourceType: 'user',
        resourceId: STRANGER,
        metadata: { subject: STRANGER, reason: 'the *lost* parcel' },
      },
    ])
    const again = await entriesOf(warden, () => warden.ask(OWNER2, `!config audit hold add ${STRANGER}`))
    expect(again).toMatchObject({ result: expect.stringContaining('already'), entries: [] })
    expect(await warden.ask(OWNER, '!config audit hold remove all')).toBe('There is no hold on everything.')
    expect(warden.sql('SELECT subject FROM audit_holds')).toEqual([{ subject: STRANGER }])
  })

  test('ends only when a second owner confirms it, where there is one', async () => {
    const { warden } = await open()
    await warden.say(OWNER, '!config audit hold add all')
    const asked = await warden.say(OWNER, '!config audit hold remove all')
    const code = codeFor(asked, OWNER2)
    expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('not-found')
    expect(warden.sql('SELECT subject FROM audit_holds')).toHaveLength(1)
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER2, `!config confirm ${code}`))
    expect(noteTo(result, OWNER)?.text).toContain('✅ *Hold Removed* from everything')
    expect(entries).toMatchObject([
      { action: 'CONFIRMATION_GIVEN', phoneNumber: OWNER2, metadata: { command: 'audit hold remove' } },
      { action: 'AUDIT_HOLD_REMOVE', phoneNumber: OWNER2, metadata: { requestedBy: OWNER } },
    ])
    expect(warden.sql('SELECT subject FROM audit_holds')).toEqual([])
    await verified(warden)
  })

  test('of many is listed by pages', async () => {
    const { warden } = await open()
    for (let n = 0; n < 13; n++) await warden.say(OWNER, `!config audit hold add +1666000${1000 + n} case ${n}`)
    const pages = [await warden.ask(OWNER, '!config audit hold list'), await warden.ask(OWNER, '!config more')]
    const subjects = pages.flatMap((page) => page.match(/\+1666\d+/g) ?? [])
    expect(subjects).toHaveLength(13)
    expect(new Set(subjects).size).toBe(13)
    expect(pages[0]).toContain('case 0')
  })

  test.each(['', 'everybody', '+12', "'; DROP TABLE audit_holds", 'al\u200bl', '%'])(
    'is not put on %j',
    async (subject) => {
      const { warden } = shared
      expect((await warden.say(OWNER, `!config audit hold add ${subject}`)).status).toBe('usage')
      expect((await warden.say(OWNER, `!config audit hold add ${STRANGER} ${'x'.repeat(201)}`)).status).toBe('usage')
      expect(warden.sql('SELECT * FROM audit_holds')).toEqual([])
    },
  )

  test('is for owners alone', async () => {
    const { warden } = shared
    for (const [by, role] of [[ADMIN, 'ADMIN']] as const)
      for (const [command, attemptedAction] of [
        [`add ${STRANGER}`, 'ADD_LEGAL_HOLD'],
        ['remove all', 'REMOVE_LEGAL_HOLD'],
        ['list', 'VIEW_LEGAL_HOLDS'],
      ] as const)
        await expectDenial(warden, () => warden.say(by, `!config audit hold ${command}`), { attemptedAction, by, role })
    expect((await warden.say(OPERATOR, '!config audit hold list')).status).toBe('denied')
  })
})

describe('in a group', () => {
  test('neither the number, the reason nor the code of an erasure or a hold is seen', async () => {
    const { warden } = await open()
    const chat = { chat: { id: '120363000000000000@g.us', kind: 'group' } } as const
    for (const command of [
      `audit hold add ${STRANGER} marmalade`,
      'audit hold list',
      `audit hold remove ${STRANGER}`,
      `audit erase ${STRANGER} marmalade`,
      `audit erase ${USER} marmalade`,
      `audit erase ${OWNER} marmalade`,
      'audit checkpoint',
      'audit checkpoint daily',
      'confirm 000000',
    ]) {
      const { replies } = await warden.say(OWNER, `!config ${command}`, chat)
      expect(replies.filter(({ audience }) => audience === 'chat')).toEqual([])
      expect(replies.length).toBeGreaterThan(0)
    }
  })
})
