import { describe, expect, test } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import {
  ADMIN,
  FakeClock,
  OWNER,
  OWNER2,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'
import { codeFor, codeIn } from '../support/confirming.ts'
import { fromAccount } from '../support/rich-trail.ts'

/** A bot whose clock was ahead by 120 days while `happens`, and is right since. */
async function afterAhead(
  happens: (warden: TestWarden, clock: FakeClock) => Promise<unknown>,
  owners = [OWNER, OWNER2],
  more: Record<string, string> = {},
) {
  const clock = new FakeClock()
  const env = { OWNER_PHONE_NUMBERS: owners.join(','), ...more }
  const folder = temporaryFolder()
  const warden = await openTestWarden({ clock, env }, folder)
  clock.advance(120 * DAY)
  const result = await happens(warden, clock)
  clock.advance(-120 * DAY)
  return { warden, clock, result, start: () => openTestWarden({ clock, env }, folder) }
}

const say = (warden: TestWarden, by: string, text: string) => warden.say(by, `!config ${text}`)

describe('what a clock that was ahead has stored counts for none when it is right again:', () => {
  test('a code, for oneself and for another owner', async () => {
    const { warden, result } = await afterAhead((warden) => say(warden, OWNER, `audit erase ${STRANGER}`))
    const code = codeFor(result as Awaited<ReturnType<typeof say>>, OWNER2)
    expect(code).toMatch(/^\d{6}$/)
    expect((await say(warden, OWNER2, `confirm ${code}`)).status).toBe('not-found')
    expect(await warden.waiting()).toEqual([])
    const alone = await afterAhead((warden) => say(warden, OWNER, `audit erase ${STRANGER}`), [OWNER])
    const [reply] = (alone.result as Awaited<ReturnType<typeof say>>).replies
    expect((await say(alone.warden, OWNER, `confirm ${codeIn(reply?.text)}`)).status).toBe('not-found')
  })

  test('a change that waits: it can be made again, and what was in force is so', async () => {
    const shorten = async (warden: TestWarden) => {
      const asked = await say(warden, OWNER, 'set retention-days 60')
      return warden.ask(OWNER, `!config confirm ${codeIn(asked.replies[0]?.text)}`)
    }
    const shown = (warden: TestWarden) => warden.ask(OWNER, '!config get retention-days')
    const { warden, result } = await afterAhead(shorten, [OWNER])
    expect(result).toContain('Takes effect')
    expect(await shown(warden)).not.toContain('*60*')
    expect(await shorten(warden)).toContain('Takes effect')
    expect(await shown(warden)).toContain('*60*')
  })

  test('that somebody asked for more', async () => {
    const { warden } = await afterAhead(async (warden) => {
      for (let n = 0; n < 12; n++) await say(warden, OWNER, 'role list')
      expect((await say(warden, OWNER, 'audit list 365')).replies[0]?.text).toContain('more')
    })
    expect((await warden.say(OWNER, 'more')).status).toBe('ignored')
  })

  test('that somebody was turned away, denied or limited', async () => {
    const { warden } = await afterAhead(async (warden) => {
      await say(warden, OWNER, `user block ${STRANGER}`)
      await say(warden, STRANGER, 'help')
      for (let n = 0; n < 8; n++) await say(warden, ADMIN, 'audit export')
    })
    const denials = () => warden.AuditLogRepository.count({ action: 'PERMISSION_DENIED' })
    const [blocked, denied] = [await warden.AuditLogRepository.count({ action: 'ACCESS_BLOCKED' }), await denials()]
    await say(warden, STRANGER, 'help')
    expect(await warden.AuditLogRepository.count({ action: 'ACCESS_BLOCKED' })).toBe(blocked + 1)
    expect((await say(warden, ADMIN, 'audit export')).replies).toHaveLength(1)
    expect(await denials()).toBeGreaterThan(denied)
  })

  test('that an account appeared under a number: owners hear of the next time', async () => {
    const heard = (warden: TestWarden) =>
      warden.sql("SELECT 1 FROM outbox_messages WHERE reply LIKE '%role confirm%'").length
    const another = (warden: TestWarden) => warden.say(ADMIN, '!config audit mine', fromAccount(ADMIN, '9002@lid'))
    const { warden } = await afterAhead(
      async (warden) => {
        await warden.say(ADMIN, '!config audit mine', fromAccount(ADMIN, '9001@lid'))
        await another(warden)
      },
      undefined,
      { CHAT: 'whatsapp' },
    )
    const before = heard(warden)
    expect((await say(warden, OWNER, `role confirm ${ADMIN}`)).status).toBe('not-found')
    await another(warden)
    expect(heard(warden)).toBeGreaterThan(before)
    expect((await say(warden, OWNER, `role confirm ${ADMIN}`)).status).toBe('answered')
  })

  test('a job that ended well', async () => {
    const { warden, start } = await afterAhead(async (warden, clock) => {
      const at = new Date(clock.time).toISOString()
      const values = onlySqlite(warden) ? [clock.time, clock.time] : [at, at]
      warden.sql(
        'INSERT INTO leases (name, holder, expires_at, finished_at) VALUES (?, ?, ?, ?)',
        'audit-cleanup',
        'x',
        ...values,
      )
    })
    await warden.close()
    const bot = await start()
    bot.startAuditLogCleanupScheduler()
    await expect.poll(() => bot.AuditLogRepository.count({ action: 'AUDIT_RETENTION' })).toBe(1)
    await bot.stopAuditLogCleanupScheduler()
  })
})

const onlySqlite = ({ url }: TestWarden): boolean => url.startsWith('file:')
