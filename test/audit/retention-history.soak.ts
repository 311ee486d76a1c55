import { describe, expect, test } from 'vitest'
import { mergeRuns, type Run, runsOf } from '../../src/audit/entry/coverage.ts'
import { DAY } from '../../src/kernel/clock.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  openTestWarden,
  STRANGER,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'

async function open() {
  const clock = new FakeClock()
  return { warden: await openTestWarden({ clock }), clock }
}

/** What is not there any more, and what entries that are there say is not. */
function coverage(warden: TestWarden): { missing: readonly Run[]; said: readonly Run[]; present: number } {
  const present = new Set(warden.sql<{ seq: number }>('SELECT seq FROM audit_logs').map(({ seq }) => seq))
  const [head] = warden.sql<{ size: number }>('SELECT size FROM audit_head')
  const all = Array.from({ length: head?.size ?? 0 }, (_, seq) => seq)
  const covers = warden.sql<{ metadata: string }>(
    "SELECT metadata FROM audit_logs WHERE action IN ('AUDIT_RETENTION', 'AUDIT_ERASURE')",
  )
  const said = mergeRuns(covers.flatMap(({ metadata }) => JSON.parse(metadata).ranges as Run[]))
  return { missing: runsOf(all.filter((seq) => !present.has(seq))), said, present: present.size }
}

const verified = async (warden: TestWarden) =>
  expect(await warden.ask(OWNER, '!config audit verify')).toContain('✅ *Internally consistent*')
const kept = (warden: TestWarden) =>
  warden
    .sql<{ action: string; id: string }>("SELECT action, resource_id AS id FROM audit_logs WHERE category <> 'ADMIN'")
    .map(({ action, id }) => `${action} ${id}`)
    .filter((text) => !text.startsWith('AUDIT_HOLDS_OBEYED'))
    .filter((text) => !text.startsWith('ROLE_CHANGE +155500002') && !text.startsWith('ROLE_CHANGE +155500001'))
    .sort()

describe('the clean-up keeps', () => {
  test('the latest entry of all that stands, and none before it', async () => {
    const { warden, clock } = await open()
    for (const command of [
      `role promote ${USER} USER`,
      `role promote ${USER} OPERATOR`,
      `role demote ${USER} USER`,
      `whitelist add ${USER}`,
      `whitelist remove ${USER}`,
      `whitelist add ${USER}`,
      `user block ${USER}`,
      `user unblock ${USER}`,
      `user block ${USER} for 200d`,
      `user block ${STRANGER} for 1h`,
      `user block ${OPERATOR}`,
      'set page-size 5',
      'set page-size 7',
      `audit hold add ${STRANGER}9`,
      'audit checkpoint daily',
      'audit checkpoint off',
      'audit checkpoint daily',
    ])
      expect([command, (await warden.say(OWNER, `!config ${command}`)).status]).toEqual([command, 'answered'])
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(kept(warden)).toEqual(
      [
        `AUDIT_HOLD_ADD ${STRANGER}9`,
        `AUDIT_WITNESS_ADD ${OWNER}`,
        'CONFIG_UPDATE page-size',
        `ROLE_CHANGE ${OPERATOR}`,
        `ROLE_CHANGE ${USER}`,
        `USER_BLOCK ${OPERATOR}`,
        `USER_BLOCK ${USER}`,
        `WHITELIST_ADD ${USER}`,
      ].sort(),
    )
    await verified(warden)
    for (const command of [`whitelist remove ${USER}`, `user unblock ${OPERATOR}`, 'audit checkpoint off'])
      await warden.say(OWNER, `!config ${command}`)
    // A block stays until it had ended before all that is left.
    clock.advance(191 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(kept(warden).filter((text) => !/ROLE_CHANGE|CONFIG_UPDATE/.test(text))).toEqual([
      `AUDIT_HOLD_ADD ${STRANGER}9`,
    ])
    await verified(warden)
  })

  test('what a host only reports is no word about how something is', async () => {
    const { warden, clock } = await open()
    await warden.say(OWNER, `!config user block ${USER}`)
    await warden.AuditLogger.record({
      action: 'USER_UNBLOCK',
      actor: { account: ADMIN, role: 'ADMIN' },
      place: { source: 'api' },
      metadata: { targetUser: USER },
    })
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(kept(warden).filter((text) => text.endsWith(USER))).toEqual([`USER_BLOCK ${USER}`])
    await verified(warden)
  })
})

/** Numbers that are the same each time. */
function random(seed: number) {
  return (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
}

describe('over 400 days', () => {
  test('what is missing is what entries say is missing, and those stay few', async () => {
    const { warden, clock } = await open()
    const next = random(7)
    const people = ['+16660000001', '+16660000002', '+16660000003', '+16660000004']
    let most = 0
    for (let day = 0; day < 400; day++) {
      const phone = people[next(people.length)] ?? ''
      const commands = [
        `role promote ${phone} USER`,
        `role promote ${phone} OPERATOR`,
        `role demote ${phone} USER`,
        `whitelist add ${phone}`,
        `whitelist remove ${phone}`,
        `user block ${phone} for ${1 + next(60)}d`,
        `user unblock ${phone}`,
        `set page-size ${2 + next(8)}`,
        `audit user ${phone}`,
      ]
      if (day % 3 > 0) await warden.say(OWNER, `!config ${commands[next(commands.length)]}`)
      else await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: phone } })
      if (day % 97 === 96) {
        const code = codeIn(await warden.ask(OWNER, `!config audit erase ${phone}`))
        await warden.say(OWNER, `!config confirm ${code}`)
      }
      clock.advance(DAY)
      await warden.cleanupExpiredAuditLogs(30)
      if (day % 20 !== 19) continue
      const { missing, said, present } = coverage(warden)
      expect(said).toEqual(missing)
      most = Math.max(most, present)
    }
    // Thirty days of two entries or three, what stands, and erasures.
    expect(most).toBeLessThan(30 * 3 + 40)
    await verified(warden)
  })
})
