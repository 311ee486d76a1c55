import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { ADMIN, FakeClock, OWNER, OWNER2, OWNER3, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { codeFor, codeIn, confirmed, noteTo } from '../support/confirming.ts'
import { onPostgres } from '../support/database.ts'
import { entriesOf, expectDenial, readEntry, textOf } from '../support/trail.ts'

const NO_SUCH_CODE =
  'That code is not valid for you, or no longer: a code works once, for 72 hours, or 5 minutes if you asked.'
const NO_LONGER = 'Who asked for that may no longer ask for it. Nothing was changed.'

async function open(owners: readonly string[], env: Record<string, string> = {}) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(','), ...env } })
  return { warden, clock }
}

const updates = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('CONFIG_UPDATE')).map(readEntry)
/** How many days the clean-up keeps at this moment. */
async function retention(warden: TestWarden) {
  await warden.cleanupExpiredAuditLogs()
  const [entry] = await warden.AuditLogRepository.findByAction('AUDIT_RETENTION', 1)
  return entry && readEntry(entry).metadata.retentionDays
}
const confirm = (warden: TestWarden, by: string, code: string, more?: Partial<IncomingMessage>) =>
  warden.say(by, `!config confirm ${code}`, more)

describe('shorter retention, where there is one owner', () => {
  test('waits for that owner’s own code, then seven days by the clock', async () => {
    const { warden, clock } = await open([OWNER])
    const { result: asked, entries } = await entriesOf(warden, () => warden.say(OWNER, '!config set retention-days 30'))
    const code = codeIn(textOf(asked))
    expect(asked).toEqual({
      status: 'answered',
      replies: [
        {
          audience: 'sender',
          text: `🔐 *Confirmation needed*\n\n⚙️ retention-days: 90 → 30\n✏️ Asked by: ${OWNER} (OWNER)\n\nIf that is right, send within 5 minutes: !config confirm ${code}\nIf not, do nothing.`,
        },
      ],
    })
    expect(entries).toMatchObject([
      { action: 'CONFIRMATION_REQUESTED', phoneNumber: OWNER, metadata: { command: 'set', subject: 'retention-days' } },
    ])
    expect(warden.sql('SELECT * FROM settings')).toEqual([])

    clock.advance(MINUTE)
    const effectiveAt = new Date(clock.time + 7 * DAY).toISOString()
    const { result: done, entries: changed } = await entriesOf(warden, () => confirm(warden, OWNER, code))
    expect(textOf(done)).toBe(
      `✅ *Setting Changed*\n\n⚙️ retention-days: 90 → 30\n📅 Takes effect: 2026-06-22 12:01. Until then nothing changes, and it can be set back.\n✏️ Changed by: ${OWNER} (OWNER)`,
    )
    expect(changed).toMatchObject([
      { action: 'CONFIRMATION_GIVEN', phoneNumber: OWNER, metadata: { command: 'set', requestedBy: OWNER } },
      {
        action: 'CONFIG_UPDATE',
        phoneNumber: OWNER,
        metadata: { setting: 'retention-days', oldValue: 90, newValue: 30, effectiveAt, requestedBy: OWNER },
        description: `Changed retention-days from 90 to 30 as of ${effectiveAt}`,
      },
    ])
    const shown = await warden.ask(ADMIN, '!config get retention-days')
    expect(shown).toContain('Value: *90*\nFrom 2026-06-22 12:01 on: *30*')
    clock.advance(7 * DAY - 1)
    expect(await retention(warden)).toBe(90)
    clock.advance(1)
    expect(await retention(warden)).toBe(30)
    expect(await warden.ask(ADMIN, '!config get retention-days')).toContain('Value: *30*\nDefault: 90')
  })

  test('can be set back until then, which takes no code', async () => {
    for (const command of ['set retention-days 90', 'reset retention-days', 'set retention-days 400']) {
      const { warden, clock } = await open([OWNER])
      await confirm(warden, OWNER, codeIn(await warden.ask(OWNER, '!config set retention-days 30')))
      clock.advance(6 * DAY)
      expect(await warden.ask(OWNER, `!config ${command}`)).toContain('⚙️ retention-days: 30 → ')
      clock.advance(2 * DAY)
      expect(await retention(warden)).toBe(command.endsWith('400') ? 400 : 90)
    }
  })

  test('asked for again while it waits begins its seven days anew, and what it was counts on', async () => {
    const { warden, clock } = await open([OWNER])
    await confirm(warden, OWNER, codeIn(await warden.ask(OWNER, '!config set retention-days 30')))
    clock.advance(6 * DAY)
    expect(await warden.ask(OWNER, '!config set retention-days 30')).toContain('is 30 already')
    await confirm(warden, OWNER, codeIn(await warden.ask(OWNER, '!config set retention-days 60')))
    clock.advance(7 * DAY - 1)
    expect(await retention(warden)).toBe(90)
    clock.advance(1)
    expect(await retention(warden)).toBe(60)
  })

  test('takes a code too where it is a reset that shortens; longer counts at once', async () => {
    const { warden, clock } = await open([OWNER])
    const longer = await entriesOf(warden, () => warden.ask(OWNER, '!config set retention-days 365'))
    expect(longer.result).not.toContain('Takes effect')
    expect(longer.entries).toMatchObject([{ action: 'CONFIG_UPDATE' }])
    expect(await retention(warden)).toBe(365)
    const asked = await warden.ask(OWNER, '!config reset retention-days')
    expect(asked).toContain('⚙️ retention-days: 365 → 90')
    expect((await updates(warden)).length).toBe(1)
    expect((await confirm(warden, OWNER, codeIn(asked))).status).toBe('answered')
    expect(await retention(warden)).toBe(365)
    clock.advance(7 * DAY)
    expect(await retention(warden)).toBe(90)
  })

  test('is never below 30 days in the chat; an operator may configure less, and it counts', async () => {
    const { warden } = await open([OWNER], { AUDIT_LOG_RETENTION_DAYS: '7' })
    expect(await retention(warden)).toBe(7)
    const refused = await warden.ask(OWNER, '!config set retention-days 29')
    expect(refused).toContain('It takes 7 or a whole number from 30 to 3650.')
    expect(await warden.ask(OWNER, '!config set retention-days 7')).toContain('is 7 already')
    expect((await warden.say(OWNER, '!config set retention-days 30')).status).toBe('answered')
    expect(await retention(warden)).toBe(30)
    const back = await warden.ask(OWNER, '!config set retention-days 7')
    expect((await confirm(warden, OWNER, codeIn(back))).status).toBe('answered')
    expect(await retention(warden)).toBe(30)
  })
})

describe('shorter retention, where there are more owners', () => {
  const ask = (warden: TestWarden, by = OWNER, days = 30) => warden.say(by, `!config set retention-days ${days}`)

  test('waits for another one: each is told first, in private, with a code of their own', async () => {
    const { warden } = await open([OWNER, OWNER2, OWNER3])
    const asked = await ask(warden)
    expect(textOf(asked)).toBe(
      '🔐 *Confirmation needed*\n\n⚙️ retention-days: 90 → 30\n\nI have asked 2 other OWNERs, +15550000102, +15550000103: one of them has to confirm within 72 hours. Until then nothing changes.\nWhoever runs the bot can decide it at the machine, with: chatwarden confirm',
    )
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER2 }, { account: OWNER3 }])
    const codes = [codeFor(asked, OWNER2), codeFor(asked, OWNER3)]
    for (const phone of [OWNER2, OWNER3]) {
      expect(noteTo(asked, phone)?.text).toContain('⚙️ retention-days: 90 → 30')
      expect(noteTo(asked, phone)?.text).toContain(`✏️ Asked by: ${OWNER} (OWNER)`)
    }
    const told = await confirm(warden, OWNER3, codes[1] ?? '')
    expect(told.status).toBe('answered')
    expect(told.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER }, { account: OWNER2 }])
    expect(noteTo(told, OWNER)?.text).toContain('📅 Takes effect: 2026-06-22 12:00')
    expect(await updates(warden)).toMatchObject([
      { phoneNumber: OWNER3, metadata: { requestedBy: OWNER, oldValue: 90, newValue: 30 } },
    ])
    // It was one request: whoever confirms second confirms nothing.
    expect(textOf(await confirm(warden, OWNER2, codes[0] ?? ''))).toBe(NO_SUCH_CODE)
    expect(await updates(warden)).toHaveLength(1)
  })

  test('who asked cannot confirm, nor anybody with another’s code', async () => {
    const { warden, clock } = await open([OWNER, OWNER2, OWNER3])
    const asked = await ask(warden)
    const code = codeFor(asked, OWNER2)
    for (const by of [OWNER, OWNER3])
      expect(await confirm(warden, by, code)).toMatchObject({ status: 'not-found', replies: [{ text: NO_SUCH_CODE }] })
    const denial = { attemptedAction: 'CONFIRM_COMMAND', by: ADMIN, role: 'ADMIN' }
    await expectDenial(warden, () => confirm(warden, ADMIN, code), denial)
    expect(await updates(warden)).toEqual([])
    clock.advance(72 * HOUR - 1)
    expect((await confirm(warden, OWNER2, code)).status).toBe('answered')
    expect(await updates(warden)).toHaveLength(1)
  })

  test('a code works once, and not after three days', async () => {
    const { warden, clock } = await open([OWNER, OWNER2])
    const used = codeFor(await ask(warden), OWNER2)
    const twice = await Promise.all([confirm(warden, OWNER2, used), confirm(warden, OWNER2, used)])
    expect(twice.map(({ status }) => status).sort()).toEqual(['answered', 'not-found'])
    expect((await confirm(warden, OWNER2, used)).status).toBe('not-found')
    const late = codeFor(await ask(warden, OWNER, 45), OWNER2)
    clock.advance(72 * HOUR)
    expect(textOf(await confirm(warden, OWNER2, late))).toBe(NO_SUCH_CODE)
    expect(await updates(warden)).toHaveLength(1)
    expect(warden.sql('SELECT * FROM settings')).toMatchObject([{ value: '30' }])
  })

  test('only what was asked last can be confirmed, and only as long as it is that change', async () => {
    const { warden } = await open([OWNER, OWNER2])
    const first = codeFor(await ask(warden, OWNER, 60), OWNER2)
    const second = codeFor(await ask(warden, OWNER, 30), OWNER2)
    expect(textOf(await confirm(warden, OWNER2, first))).toBe(NO_SUCH_CODE)
    expect(textOf(await confirm(warden, OWNER2, second))).toContain('retention-days: 90 → 30')
    const third = codeFor(await ask(warden, OWNER, 40), OWNER2)
    await warden.say(OWNER2, '!config set retention-days 3650')
    expect(textOf(await confirm(warden, OWNER2, third))).toBe(
      'The setting has been changed since you were asked about: retention-days: 3650 → 40. Ask for it again.',
    )
    expect((await updates(warden)).map(({ metadata }) => metadata.newValue)).toEqual([3650, 30])
    for (const wrong of ['', '12345', '1234567', 'abcdef', '12 34 56'])
      expect((await confirm(warden, OWNER2, wrong)).status).toBe('usage')
  })

  test.each<[string, (warden: TestWarden) => Promise<unknown>]>([
    ['demoted', (warden) => confirmed(warden, `role demote ${OWNER} ADMIN`, OWNER3, OWNER2)],
    ['revoked', (warden) => confirmed(warden, `role revoke ${OWNER}`, OWNER3, OWNER2)],
    ['blocked', (warden) => warden.say(OWNER3, `!config user block ${OWNER}`)],
  ])('what was asked for by somebody who is %s since is not done', async (_what, meanwhile) => {
    const { warden } = await open([OWNER, OWNER2, OWNER3])
    const asked = await ask(warden)
    await meanwhile(warden)
    const late = await confirm(warden, OWNER2, codeFor(asked, OWNER2))
    expect(late).toMatchObject({ status: 'not-found', replies: [{ text: NO_LONGER }] })
    expect(await updates(warden)).toEqual([])
    expect(warden.sql('SELECT * FROM settings')).toEqual([])
    // Not even later: the codes of that request are gone.
    await confirmed(warden, `role promote ${OWNER} OWNER`, OWNER3, OWNER2)
    await warden.say(OWNER3, `!config user unblock ${OWNER}`)
    expect(textOf(await confirm(warden, OWNER3, codeFor(asked, OWNER3)))).toBe(NO_SUCH_CODE)
  })

  test('who was made ADMIN or blocked since cannot confirm', async () => {
    const { warden } = await open([OWNER, OWNER2, OWNER3])
    const asked = await ask(warden)
    await confirmed(warden, `role demote ${OWNER2} ADMIN`, OWNER3, OWNER)
    expect((await confirm(warden, OWNER2, codeFor(asked, OWNER2))).status).toBe('denied')
    await warden.say(OWNER, `!config user block ${OWNER3}`)
    expect((await confirm(warden, OWNER3, codeFor(asked, OWNER3))).status).toBe('blocked')
    expect(await updates(warden)).toEqual([])
  })

  test('who is demoted at the very moment confirms before, with an entry, or not at all', async () => {
    const { warden } = await open([OWNER, OWNER2, OWNER3])
    const code = codeFor(await ask(warden), OWNER2)
    const demotion = codeFor(await warden.say(OWNER, `!config role demote ${OWNER2} USER`), OWNER3)
    const {
      result: [, late],
      entries,
    } = await entriesOf(warden, () => Promise.all([confirm(warden, OWNER3, demotion), confirm(warden, OWNER2, code)]))
    const actions = entries.map(({ action }) => action)
    // On a server each has a connection of its own, and either may be the first to write.
    const isBefore = onPostgres && actions[1] === 'CONFIG_UPDATE'
    expect(late?.status).toBe(isBefore ? 'answered' : 'denied')
    const demoted = ['CONFIRMATION_GIVEN', 'ROLE_CHANGE']
    expect(actions).toEqual(
      isBefore ? ['CONFIRMATION_GIVEN', 'CONFIG_UPDATE', ...demoted] : [...demoted, 'PERMISSION_DENIED'],
    )
  })

  test('nobody decides alone by keeping the other owners out', async () => {
    const { warden } = await open([OWNER, OWNER2])
    await warden.say(OWNER, `!config user block ${OWNER2} for 1m`)
    const asked = await ask(warden)
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender'])
    expect(textOf(asked)).toContain('That takes another OWNER to confirm it, and none can at the moment')
    expect(warden.sql('SELECT confirmer FROM confirmations')).toEqual([{ confirmer: 'OPERATOR' }])
    expect(await updates(warden)).toEqual([])
  })

  test('an owner whom the chat cannot reach is asked for nothing, and told of as one who cannot confirm', async () => {
    const { warden } = await open([OWNER, 'telegram:77'])
    const from = { source: 'whatsapp', sender: { id: `${OWNER.slice(1)}@c.us` } } as const
    const asked = await warden.say('', '!config set retention-days 30', from)
    expect(textOf(asked)).toContain('That takes another OWNER to confirm it, and none can at the moment')
    const elsewhere = await warden.say('', '!config set retention-days 30', {
      ...from,
      source: 'api',
      sender: { id: OWNER },
    })
    expect(elsewhere.replies.map(({ audience }) => audience)).toEqual(['sender', { account: 'telegram:77' }])
  })

  test('asked for in a group, it is all in private', async () => {
    const { warden } = await open([OWNER, OWNER2])
    const group = {
      source: 'whatsapp',
      chat: { id: '120363000000000000@g.us', kind: 'group' },
    } as const
    const from = (phone: string) => ({ ...group, sender: { id: `${phone.slice(1)}@c.us` } })
    const asked = await warden.say('', '!config set retention-days 30', from(OWNER))
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER2 }])
    const done = await confirm(warden, '', codeFor(asked, OWNER2), from(OWNER2))
    expect(done.status).toBe('answered')
    expect(done.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER }])
  })

  test('where the entry of it cannot be written nothing is asked, changed or used up', async () => {
    const { warden } = await open([OWNER, OWNER2])
    const refuse = `CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END`
    warden.sql(refuse)
    expect((await ask(warden)).status).toBe('failed')
    expect(warden.sql('SELECT * FROM confirmations')).toEqual([])
    warden.sql('DROP TRIGGER refuse')
    const code = codeFor(await ask(warden), OWNER2)
    warden.sql(refuse)
    expect((await confirm(warden, OWNER2, code)).status).toBe('failed')
    expect(warden.sql('SELECT * FROM settings')).toEqual([])
    warden.sql('DROP TRIGGER refuse')
    expect((await confirm(warden, OWNER2, code)).status).toBe('answered')
  })
})
