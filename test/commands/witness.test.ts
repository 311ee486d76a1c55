import { describe, expect, test } from 'vitest'
import {
  ADMIN,
  FakeClock,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { entriesOf, expectDenial, textOf } from '../support/trail.ts'
import { keyOf } from '../support/writer.ts'

const owners = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${OWNER3}` }

async function open(env: Record<string, string> = {}, folder = temporaryFolder()) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { ...owners, ...env } }, folder)
  return { warden, clock }
}

const recipients = ({ replies }: { replies: readonly { audience: unknown }[] }) =>
  replies.map(({ audience }) => (typeof audience === 'object' ? (audience as { account: string }).account : audience))
/** To whom a checkpoint waits to be sent. */
const waiting = (warden: TestWarden) =>
  warden
    .sql<{ source: string; reply: string }>('SELECT source, reply FROM outbox_messages ORDER BY id')
    .map(({ source, reply }) => ({ source, reply: JSON.parse(reply) }))
    .filter(({ reply }) => reply.text.includes('Keep this message'))
    .map(({ source, reply }) => ({ source, to: reply.audience.account }))

describe('the checkpoint', () => {
  test('goes to who asks and to the owners who asked for it, but to none who is put off, demoted or blocked', async () => {
    const { warden } = await open()
    expect(recipients(await warden.say(OWNER, '!config audit checkpoint'))).toEqual(['sender'])
    const added = await entriesOf(warden, () => warden.ask(OWNER2, '!config audit checkpoint DAILY'))
    expect(added.entries).toMatchObject([{ action: 'AUDIT_WITNESS_ADD', resourceId: OWNER2, category: 'CONFIG' }])
    const again = await entriesOf(warden, () => warden.ask(OWNER2, '!config audit checkpoint daily'))
    expect(again.entries).toEqual([])
    await warden.say(OWNER3, '!config audit checkpoint daily')
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, '!config audit checkpoint'))
    expect(recipients(result)).toEqual(['sender', OWNER2, OWNER3])
    expect(entries).toMatchObject([{ action: 'AUDIT_CHECKPOINT_SENT', metadata: { recipients: 3 } }])
    await warden.say(OWNER, `!config user block ${OWNER3}`)
    expect(recipients(await warden.say(OWNER, '!config audit checkpoint'))).toEqual(['sender', OWNER2])
    await confirmed(warden, `role demote ${OWNER2} ADMIN`)
    expect(recipients(await warden.say(OWNER, '!config audit checkpoint'))).toEqual(['sender'])
    await warden.say(OWNER, `!config user unblock ${OWNER3}`)
    await warden.say(OWNER3, '!config audit checkpoint off')
    expect(recipients(await warden.say(OWNER, '!config audit checkpoint'))).toEqual(['sender'])
    const by = { attemptedAction: 'AUDIT_CHECKPOINT', by: ADMIN, role: 'ADMIN' }
    await expectDenial(warden, () => warden.say(ADMIN, '!config audit checkpoint daily'), by)
    expect((await warden.say(OWNER, '!config audit checkpoint weekly')).status).toBe('usage')
    expect(await warden.ask(OWNER, '!config audit verify')).toContain('✅ *Internally consistent*')
  })

  test('goes out by WhatsApp once a day, whatever number of processes there are', async () => {
    const folder = temporaryFolder()
    const { warden, clock } = await open({ CHAT: 'whatsapp' }, folder)
    const other = await openTestWarden({ clock, env: { ...owners, CHAT: 'whatsapp' } }, folder)
    await warden.say(OWNER2, '!config audit checkpoint daily')
    await warden.say(OWNER3, '!config audit checkpoint daily')
    await warden.say(OWNER, `!config user block ${OWNER3}`)
    warden.startAuditLogCleanupScheduler()
    other.startAuditLogCleanupScheduler()
    await expect.poll(() => waiting(warden)).toEqual([{ source: 'whatsapp', to: OWNER2 }])
    await warden.stopAuditLogCleanupScheduler()
    await other.stopAuditLogCleanupScheduler()
    for (const each of [warden, other]) {
      each.startAuditLogCleanupScheduler()
      await each.stopAuditLogCleanupScheduler()
    }
    expect(waiting(warden)).toHaveLength(1)
    expect(await warden.AuditLogRepository.findByAction('AUDIT_CHECKPOINT_SENT')).toMatchObject([
      { phoneNumber: 'SYSTEM', metadata: expect.stringContaining('"recipients":1') },
    ])
  })

  test('goes out to nobody where there is no chat to send it by', async () => {
    const { warden } = await open()
    await warden.say(OWNER2, '!config audit checkpoint daily')
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => warden.AuditLogRepository.count({ action: 'AUDIT_RETENTION' })).toBe(1)
    await warden.stopAuditLogCleanupScheduler()
    expect(waiting(warden)).toEqual([])
    expect(await warden.AuditLogRepository.findByAction('AUDIT_CHECKPOINT_SENT')).toEqual([])
  })
})

describe('a checkpoint that was kept', () => {
  test.each<[string, (text: string) => string]>([
    ['as it was sent', (text) => text],
    ['with a sentence before it', (text) => `this one, of Monday:\n${text}\nis it still right?`],
    ['quoted', (text) => text.replace(/^/gm, '> ')],
    ['with the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['below the command', (text) => `\n${text}`],
  ])('is compared when it is pasted %s', async (_how, pasted) => {
    const { warden } = await open()
    const text = await warden.ask(OWNER, '!config audit checkpoint')
    await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: ADMIN } })
    const told = await warden.ask(ADMIN, `!config audit verify ${pasted(text)}`)
    expect(told).toContain('✅ *Internally consistent*')
    expect(told).toMatch(/🔗 Extends the checkpoint of \d+ entries that you kept/)
  })

  test('and is not extended is said to have been compared', async () => {
    const { warden } = await open()
    const [origin, , root] = (await warden.ask(OWNER, '!config audit checkpoint')).split('\n')
    const later = keyOf(warden.path).current().sign(`${origin}\n999999\n${root}\n`)
    const told = await warden.ask(ADMIN, `!config audit verify ${later}`)
    expect(told).toContain('⛔ Does *not* extend the checkpoint of 999999 entries that you kept.')
    expect(told).not.toContain('no kept checkpoint')
  })

  test('is refused where it was forged, cut short or is of another trail', async () => {
    const { warden } = await open()
    const text = await warden.ask(OWNER, '!config audit checkpoint')
    const [origin = '', size = '', root = ''] = text.split('\n')
    const foreign = await (await open()).warden.ask(OWNER, '!config audit checkpoint')
    const wrongRoot = `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`
    for (const forged of [
      text.replace(`\n${size}\n`, `\n${Number(size) - 1}\n`),
      text.replace(root, wrongRoot),
      text.replace(origin, `${origin}x`),
      text.split('— ')[0] ?? '',
      foreign,
      'yesterday’s',
    ]) {
      const { result, entries } = await entriesOf(warden, () => warden.say(ADMIN, `!config audit verify ${forged}`))
      expect([result.status, textOf(result)]).toEqual(['usage', expect.any(String)])
      expect(entries).toEqual([])
    }
  })
})
