import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { defineEvent } from '../../src/index.ts'
import { DAY, HOUR } from '../../src/kernel/clock.ts'
import { changeWhenFree } from '../support/change-when-free.ts'
import {
  ADMIN,
  FakeClock,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'

import { codeFor, codeIn, confirmed } from '../support/confirming.ts'
import { platformSays } from '../support/platform-says.ts'
import { foundIn } from '../support/raw-bytes.ts'
import { entriesOf, expectDenial, readEntry, textOf } from '../support/trail.ts'

const DIGITS = STRANGER.slice(1)
const LID = 'whatsapp:77700012345@lid'
const NAME = `Zebulon Quux ${'of the very long name '.repeat(2)}`.trim()
const SECRET = 'marmalade-secret'
const TRACES = [DIGITS, '77700012345', 'Zebulon', SECRET]

const noteEvent = defineEvent({
  category: 'ADMIN',
  failure: 'open',
  metadata: z.strictObject({ about: z.string().optional(), text: z.string() }),
  describe: ({ text }) => text.slice(0, 400),
  resource: ({ about }) => (about === undefined ? undefined : { type: 'user', id: about }),
})
const events = { NOTE: noteEvent }

async function open(owners: readonly string[] = [OWNER, OWNER2], env: Record<string, string> = {}) {
  const clock = new FakeClock()
  const folder = temporaryFolder()
  const warden = await openTestWarden({ clock, events, env: { OWNER_PHONE_NUMBERS: owners.join(','), ...env } }, folder)
  return { warden, clock }
}

const note = (
  warden: TestWarden,
  by: string,
  text: string,
  more: { about?: string; name?: string; id?: string } = {},
) =>
  warden.AuditLogger.record({
    action: 'NOTE',
    actor: { account: by, role: 'NONE', name: more.name, userId: more.id },
    place: SYSTEM_PLACE,
    metadata: { text, about: more.about },
  })

/** Entries of many people, long and short, and those by and about one of them in between. */
async function fill(warden: TestWarden, count: number) {
  const written = Array.from({ length: count }, (_, index) => {
    const other = `+1666${String((index * 7919) % 100_000).padStart(7, '0')}`
    const long = index % 9 === 0 ? 6000 : 40 + (index % 300)
    if (index % 13 === 0) return note(warden, STRANGER, SECRET.repeat(long / 16 + 1), { name: NAME })
    if (index % 29 === 0) return note(warden, other, `${SECRET} ${'y'.repeat(long)}`, { about: STRANGER })
    if (index % 31 === 0) return note(warden, LID, `${SECRET} ${'z'.repeat(long)}`, { name: NAME })
    return note(warden, other, 'x'.repeat(long), { name: `Other ${index}`, id: randomUUID() })
  })
  expect(new Set(await Promise.all(written))).toEqual(new Set(['stored']))
}

const verify = async (warden: TestWarden, kept = ''): Promise<string> =>
  warden.ask(OWNER, `!config audit verify ${kept}`.trim())
const erasures = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('AUDIT_ERASURE')).map(readEntry)

describe('an erasure', () => {
  test('leaves no byte of somebody without a role in the files, while they are open and after', async () => {
    const { warden } = await open([OWNER, OWNER2], { CHAT: 'whatsapp' })
    await fill(warden, 3000)
    platformSays(warden, LID, STRANGER)
    warden.sql('INSERT INTO identity_claims VALUES (?, ?, ?, ?)', STRANGER, LID, Date.now(), 'x')
    warden.sql("INSERT INTO refusals VALUES (?, 'BLOCKED', 1)", STRANGER)
    warden.sql("INSERT INTO denial_windows VALUES (?, '[]', 1, 9999999999999, '')", LID)
    const messages = Array.from({ length: 400 }, (_, n) =>
      n % 5 ? `false_1666${n}@c.us_${randomUUID()}` : `false_${DIGITS}@c.us_${randomUUID()}`,
    )
    const rows = messages.map(() => "('whatsapp', ?, 1)").join(', ')
    warden.sql(`INSERT INTO processed_messages VALUES ${rows}`, ...messages)
    // Both would be found by their digits, and belong to somebody with a longer number.
    warden.sql("INSERT INTO processed_messages VALUES ('whatsapp', ?, 1)", `false_9${DIGITS}@c.us_other`)
    await warden.say(OWNER, `!config audit list`, { chat: { id: `${DIGITS}@c.us`, kind: 'group' } })
    await warden.say(OWNER, `!config audit user ${STRANGER}`)
    await warden.say(ADMIN, `!config role why ${STRANGER} audit list`)
    await warden.AuditLogger.logAuditLogExported({
      performedBy: { phoneNumber: ADMIN },
      format: 'csv',
      recordCount: 1,
      filters: { phoneNumber: STRANGER },
    })
    await warden.say(OWNER2, `!config audit hold add ${STRANGER}`)
    warden.sql('DELETE FROM audit_holds')
    const asked = await warden.say(OWNER, `!config audit erase ${STRANGER} for ${STRANGER}, ${NAME}`)
    expect(textOf(asked)).toContain(STRANGER)
    const [kept] = warden.sql<{ reply: string }>("SELECT reply FROM outbox_messages WHERE reply LIKE '%confirm%'")
    const code = codeIn(JSON.parse(kept?.reply ?? '{}').text)
    const done = await warden.say(OWNER2, `!config confirm ${code}`)
    expect(textOf(done)).toContain('✅ *Erased* +15•••••••01')
    // The hold of the test, an entry of CONFIG, is all that stays.
    expect(textOf(done)).toContain('1 entries of AUTH and CONFIG stay')
    expect(warden.sql(`SELECT action FROM audit_logs WHERE resource_id = ?`, STRANGER)).toEqual([
      { action: 'AUDIT_HOLD_ADD' },
    ])
    expect(foundIn(warden, [SECRET, '77700012345'])).toEqual([])
    expect(warden.sql('SELECT 1 FROM processed_messages WHERE message_id LIKE ?', `%9${DIGITS}%`)).toHaveLength(1)
    expect(warden.sql('SELECT 1 FROM processed_messages WHERE message_id LIKE ?', `%\\_${DIGITS}%`)).toEqual([])
    expect(warden.sql('SELECT * FROM outbox_messages WHERE reply LIKE ?', `%${DIGITS}%`)).toEqual([])
  })

  test('of somebody else after another leaves neither, where they are many and the reasons name them', async () => {
    const { warden } = await open()
    await fill(warden, 1500)
    platformSays(warden, LID, STRANGER)
    const old = (await warden.ask(OWNER, '!config audit checkpoint')) ?? ''
    const others = ['+16660007919', '+16660015838', '+16660023757']
    for (const phone of [STRANGER, ...others]) {
      const done = await confirmed(
        warden,
        `audit erase ${phone} "because ${phone.slice(1, 5)} ${phone.slice(5)} said so"`,
      )
      expect(textOf(done)).toContain('✅ *Erased*')
    }
    const traces = [...TRACES, ...others.map((phone) => phone.slice(1))]
    expect(foundIn(warden, traces)).toEqual([])
    const told = await verify(warden, old)
    expect(told).toContain('✅ *Internally consistent*')
    expect(told).toContain('🔗 Extends the checkpoint')
    await warden.close()
    expect(foundIn(warden, traces)).toEqual([])
  })

  test.each([
    ['telegram:77700054321', '77700054321'],
    ['slack:T77/UZq9Zq9', 'UZq9Zq9'],
    ['matrix:@zeb_quux*1:example.org', 'zeb_quux'],
    ['shop:Zebülon%_', 'Zebülon'],
    [String.raw`shop:the"quoted\zebra$&`, 'zebra'],
  ])('leaves no byte of %s, known by no number', async (account, trace) => {
    const { warden } = await open()
    const [source = '', id] = [account.slice(0, account.indexOf(':')), account.slice(account.indexOf(':') + 1)]
    const notes = Array.from({ length: 100 }, (_, n) => [
      note(warden, account, SECRET, { name: NAME }),
      note(warden, '+16660007919', `${SECRET} ${n}`, { about: account }),
    ])
    await Promise.all(notes.flat())
    const message = { id: `${id}/1`, source, chat: { id, kind: 'private' }, sender: { id }, text: 'hello' } as const
    for (let n = 0; n < 30; n++) await warden.admit(message)
    for (const command of ['audit user', 'user status', 'role info', 'role why'])
      await warden.say(OWNER, `!config ${command} ${account} ${command === 'role why' ? 'audit list' : ''}`)
    const done = await confirmed(warden, `audit erase ${account} "because ${id} asked for it, ${account}"`)
    expect(textOf(done)).toContain(`✅ *Erased* ${source}:••`)
    expect(foundIn(warden, [trace, account, SECRET, 'Zebulon'])).toEqual([])
    expect(await verify(warden)).toContain('✅ *Internally consistent*')
    await warden.close()
    expect(foundIn(warden, [trace, account, SECRET, 'Zebulon'])).toEqual([])
  })

  test('is out of unused parts of pages too, which a growing database leaves copies in', async () => {
    const { warden } = await open([OWNER])
    const phoneOf = (n: number) => `+17${String((n * 48_271) % 1_000_003).padStart(7, '0')}`
    for (let from = 0; from < 6000; from += 500) {
      const numbers = Array.from({ length: 500 }, (_, index) => from + index)
      await Promise.all(
        numbers.map((n) => note(warden, phoneOf(n), 'n', { id: n % 7 ? `other-${n}` : 'host-7', about: phoneOf(n) })),
      )
    }
    const erased = Array.from({ length: 857 }, (_, n) => phoneOf(n * 7).slice(1))
    expect(await warden.AuditLogRepository.deleteByUser('host-7')).toBe(858)
    expect(foundIn(warden, erased)).toEqual([])
  })

  test('takes out what waits in the spool, and a fault after that puts it back', async () => {
    const { warden } = await open([OWNER])
    // What waits is tried again at any moment, and a lock of this process is not waited for by blocking it.
    const change = (sql: string) => changeWhenFree(warden.path, sql)
    await note(warden, STRANGER, SECRET)
    // Nothing can be replayed while it is asked for and confirmed: the database refuses notes alone.
    await change(
      "CREATE TRIGGER refuse BEFORE INSERT ON audit_logs WHEN NEW.action = 'NOTE' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    expect(await note(warden, STRANGER, `${SECRET} waiting`, { name: NAME })).toBe('spooled')
    expect(await note(warden, '+16661112222', 'of somebody else')).toBe('spooled')
    const code = codeIn(await warden.ask(OWNER, `!config audit erase ${STRANGER}`))
    // Only the commit itself fails, when all else is done.
    await change('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    await change('CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)')
    await change('CREATE TRIGGER fault AFTER UPDATE ON audit_head BEGIN INSERT INTO child VALUES (1); END')
    expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('failed')
    expect(foundIn(warden, [`${SECRET} waiting`])).toHaveLength(1)
    expect(await warden.AuditLogRepository.findByPhoneNumber(STRANGER)).toHaveLength(1)
    await change('DROP TRIGGER fault')
    expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('answered')
    expect(foundIn(warden, TRACES)).toEqual([])
    await change('DROP TRIGGER refuse')
    await warden.AuditLogger.flush()
    expect(await warden.AuditLogRepository.findByPhoneNumber('+16661112222')).toHaveLength(1)
    expect(await warden.AuditLogRepository.findByPhoneNumber(STRANGER)).toEqual([])
    expect(foundIn(warden, TRACES)).toEqual([])
  })

  test('keeps who may do what, and says how many entries that are and until when', async () => {
    const { warden } = await open()
    await warden.say(OWNER, `!config role promote ${STRANGER} USER`)
    await warden.say(STRANGER, '!config help', { sender: { id: STRANGER, name: NAME } })
    await warden.say(OWNER, `!config user block ${STRANGER} for 1h`)
    await note(warden, STRANGER, SECRET)
    const done = textOf(await confirmed(warden, `audit erase ${STRANGER} as ${NAME} asked`))
    expect(foundIn(warden, ['Zebulon'])).toEqual([])
    expect(done).toMatch(/📌 \d+ entries of AUTH and CONFIG stay until their retention \(90 days\)/)
    expect(done).not.toContain(DIGITS)
    const left = await warden.AuditLogRepository.query({ limit: 1000 })
    const about = left.filter((entry) => JSON.stringify(entry).includes(DIGITS))
    expect(done).toContain(`${about.length} entries of AUTH`)
    expect(new Set(about.map(({ category }) => category))).toEqual(new Set(['AUTH']))
    expect(warden.sql('SELECT until FROM blocks')).toHaveLength(1)
    expect(
      warden.sql('SELECT name FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = ?)', STRANGER),
    ).toEqual([{ name: null }])
    expect(await verify(warden)).toContain('✅ *Internally consistent*')
  })

  test('of nobody known is an entry all the same, and names nobody anywhere', async () => {
    const { warden } = await open()
    const { entries } = await entriesOf(warden, () => confirmed(warden, `audit erase ${STRANGER}`))
    expect(entries.map(({ action }) => action)).toEqual([
      'CONFIRMATION_REQUESTED',
      'CONFIRMATION_GIVEN',
      'AUDIT_ERASURE',
    ])
    expect(JSON.stringify(entries)).not.toContain(DIGITS)
    expect(foundIn(warden, TRACES)).toEqual([])
  })

  test('of many scattered entries does not keep the database for long', async () => {
    const { warden } = await open([OWNER])
    await Promise.all(Array.from({ length: 1200 }, (_, n) => note(warden, n % 2 ? STRANGER : OWNER, 'n')))
    const code = codeIn(await warden.ask(OWNER, `!config audit erase ${STRANGER}`))
    await warden.say(OWNER, `!config confirm ${code}`)
    const parts = (await erasures(warden)).map(({ metadata }) => metadata)
    expect(parts.map(({ erasedCount }) => erasedCount).sort()).toEqual([100, 250, 250])
    expect(await verify(warden)).toContain('✅ *Internally consistent*')
  })
})

describe('who erases', () => {
  test('is not the one it is about, whether they ask or confirm, or somebody types in their place', async () => {
    const { warden } = await open([OWNER, OWNER2, OWNER3])
    const operator = { sender: { id: OWNER, operator: 'root@host' } }
    for (const more of [{}, operator])
      await expectDenial(warden, () => warden.say(OWNER, `!config audit erase ${OWNER}`, more), {
        attemptedAction: 'ERASE_AUDIT_LOGS',
        by: OWNER,
        role: 'OWNER',
      })
    const asked = await warden.say(OWNER, `!config audit erase ${OWNER2}`)
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER3 }])
    const code = codeFor(asked, OWNER3)
    for (const by of [OWNER, OWNER2]) expect((await warden.say(by, `!config confirm ${code}`)).status).toBe('not-found')
    expect((await warden.say(OWNER3, `!config confirm ${code}`)).status).toBe('answered')
    // And each other.
    expect((await confirmed(warden, `audit erase ${OWNER}`, OWNER2, OWNER3)).status).toBe('answered')
    expect(await erasures(warden)).toMatchObject([
      { phoneNumber: OWNER3, metadata: { requestedBy: OWNER2 } },
      { phoneNumber: OWNER3, metadata: { requestedBy: OWNER } },
    ])
    expect(await verify(warden)).toContain('✅ *Internally consistent*')
  })

  test('of two owners neither erases the other, for there is nobody to confirm it', async () => {
    const { warden } = await open()
    const asked = await warden.say(OWNER, `!config audit erase ${OWNER2}`)
    expect(textOf(asked)).toContain('takes another OWNER to confirm it, and none can')
    expect(asked.replies).toHaveLength(1)
    expect(warden.sql('SELECT confirmer FROM confirmations')).toEqual([{ confirmer: 'OPERATOR' }])
  })

  test('confirms once, in time, by a code of their own, and only for who may still ask', async () => {
    const { warden, clock } = await open([OWNER, OWNER2, OWNER3])
    const ask = async () => codeFor(await warden.say(OWNER, `!config audit erase ${STRANGER}`), OWNER2)
    const late = await ask()
    clock.advance(72 * HOUR)
    expect((await warden.say(OWNER2, `!config confirm ${late}`)).status).toBe('not-found')
    const first = await ask()
    const second = await ask()
    expect((await warden.say(OWNER2, `!config confirm ${first}`)).status).toBe('not-found')
    expect((await warden.say(OWNER3, `!config confirm ${second}`)).status).toBe('not-found')
    expect((await warden.say(OWNER2, `!config confirm ${second}`)).status).toBe('answered')
    expect((await warden.say(OWNER2, `!config confirm ${second}`)).status).toBe('not-found')
    for (const keep of [
      () => warden.say(OWNER3, `!config user block ${OWNER} for 1h`),
      () => confirmed(warden, `role demote ${OWNER} ADMIN`, OWNER3, OWNER2),
    ]) {
      const code = await ask()
      await keep()
      expect((await warden.say(OWNER2, `!config confirm ${code}`)).status).toBe('not-found')
      await warden.say(OWNER3, `!config user unblock ${OWNER}`)
    }
    expect(await erasures(warden)).toHaveLength(1)
  })

  test('leaves their own mark for good, and no code of who was erased', async () => {
    const { warden, clock } = await open([OWNER, OWNER2, OWNER3])
    await confirmed(warden, `audit erase ${STRANGER}`, OWNER, OWNER2)
    await warden.say(OWNER, '!config audit hold add +16669998888')
    await warden.say(OWNER, '!config audit hold remove +16669998888')
    await confirmed(warden, `audit erase ${OWNER2}`, OWNER, OWNER3)
    expect(warden.sql('SELECT * FROM confirmations WHERE confirmer = ?', OWNER2)).toEqual([])
    expect(await erasures(warden)).toMatchObject([{ phoneNumber: OWNER3 }, { phoneNumber: OWNER2 }])
    clock.advance(1000 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await erasures(warden)).toHaveLength(2)
    expect(await verify(warden)).toContain('✅ *Internally consistent*')
  })

  test.each([
    ['whatsapp:777777777777771@lid', 'for @777777777777771, 777777777777771:3@lid', '777777'],
    ['matrix:@_bridge:example.org', 'copied: matrix:@ˍbridge:example.org', 'bridge'],
    ['shop:*bob77', 'of shop:∗bob77', 'bob77'],
    ['shop:٤٢٤٢٤٢', 'of shop:٤٢٤٢٤٢', '٤٢٤٢٤٢'],
    ['shop:secret7$&', 'shop:secret7$& asked', 'secret7'],
    ['+4915123456789', 'of 0151 23456789', '23456789'],
    ['+5511987654321', 'of (11) 8765-4321', '8765'],
  ])('of %s leaves it in no reason, however that has it', async (account, reason, trace) => {
    const { warden } = await open()
    await confirmed(warden, `audit erase ${account} "${reason}"`)
    const [erasure] = await erasures(warden)
    expect(erasure?.metadata.reason).toContain('•')
    expect(erasure?.metadata.reason).not.toContain(trace)
    expect(erasure?.metadata.reason).not.toContain('424242')
  })

  test('by a short word takes nothing of anybody else', async () => {
    const { warden } = await open()
    await note(warden, '+16665554444', SECRET, { id: '42' })
    await note(warden, 'matrix:blocked', SECRET)
    for (const id of ['chat-42-7', '42', 'blocked'])
      warden.sql("INSERT INTO processed_messages VALUES ('whatsapp', ?, 1)", id)
    const reply = JSON.stringify({ audience: 'chat', text: 'You are blocked by nobody, 42 times' })
    const message = JSON.stringify({ id: '1', chat: { id: 'c' }, sender: { id: 's' } })
    warden.sql("INSERT INTO outbox_messages VALUES ('x', 'api', ?, ?, NULL, 0, '')", message, reply)
    warden.sql("INSERT INTO page_cursors VALUES ('shop:1', 'c', 'audit list', '{}', '42', 9999999999999, '')")
    expect(await warden.AuditLogRepository.deleteByUser('42')).toBe(1)
    await confirmed(warden, 'audit erase matrix:blocked')
    expect(foundIn(warden, [SECRET])).toEqual([])
    const count = (table: string) => warden.sql(`SELECT 1 FROM ${table} WHERE 1 = 1`).length
    expect([count('page_cursors'), warden.sql("SELECT 1 FROM outbox_messages WHERE id = 'x'").length]).toEqual([1, 1])
    expect(warden.sql("SELECT 1 FROM processed_messages WHERE source = 'whatsapp'")).toHaveLength(3)
  })

  test('does it by the library too, as nobody: by the id of the host, whose number is not known', async () => {
    const { warden } = await open()
    await note(warden, '+16665554444', SECRET, { id: 'host-7' })
    expect(await warden.AuditLogRepository.deleteByUser('host-7')).toBe(1)
    expect(foundIn(warden, [SECRET])).toEqual([])
    await expect(warden.AuditLogRepository.deleteByUser('host-8')).rejects.toMatchObject({ code: 'USER_NOT_FOUND' })
  })
})
