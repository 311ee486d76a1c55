import { describe, expect, test } from 'vitest'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import type { Handled } from '../../src/kernel/message.ts'
import { ADMIN, ADMIN2, OPERATOR, OWNER, OWNER2, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { putPeople } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, stateOf, textOf } from '../support/trail.ts'

const OPERATOR2 = '+15550000302'
const USER2 = '+15550000402'
const NEW = '+15550000777'
const START: Readonly<Record<string, string>> = {
  [OWNER]: 'OWNER',
  [OWNER2]: 'OWNER',
  [ADMIN]: 'ADMIN',
  [ADMIN2]: 'ADMIN',
  [OPERATOR]: 'OPERATOR',
  [OPERATOR2]: 'OPERATOR',
  [USER]: 'USER',
  [USER2]: 'USER',
}
/** Who would send it. */
const SENDERS = { OWNER: OWNER2, ADMIN, OPERATOR, USER, unknown: STRANGER } as const

/** Puts everybody where they start, behind Chatwarden's back. */
function reset(warden: TestWarden): void {
  putPeople(warden, Object.entries(START))
  warden.sql('DELETE FROM blocks')
}

const each = (targets: readonly string[], write: (target: string) => string): string[] => targets.map(write)
/** Every command, and those that ask for more than a role in each way that matters. `SELF` is who sends it. */
const LINES = [
  ...['audit search category:AUTH', `audit history ${USER}`, `audit dsar ${USER}`],
  ...['audit list 7', `audit user ${USER}`, 'audit category AUTH', 'audit mine', 'audit stats 999', 'audit export 1'],
  ...['role list', `role info ${USER}`, `role info ${NEW}`, `role why ${USER} audit list`, `role confirm ${NEW}`],
  ...each(['SELF', ADMIN2, USER2], (target) => `role promote ${target} ADMIN`),
  ...each([OWNER, OPERATOR2, USER2], (target) => `role promote ${target} OPERATOR`),
  ...each(['SELF', OWNER, ADMIN2, OPERATOR2], (target) => `role demote ${target} USER`),
  ...each([ADMIN2, USER2], (target) => `role revoke ${target}`),
  ...each(['SELF', OWNER, ADMIN2, OPERATOR2, USER2], (target) => `user block ${target} for 2h spam`),
  ...each([ADMIN2, OPERATOR2, USER2], (target) => `user unblock ${target}`),
  ...each(['SELF', ADMIN2, USER2], (target) => `whitelist add ${target}`),
  `whitelist remove ${OWNER}`,
  `whitelist remove ${OPERATOR2}`,
  `role promote ${NEW} USER`,
  `user block ${NEW}`,
  ...[`user status ${OWNER}`, 'whitelist list', 'get', 'get page-size', 'set page-size 9', 'reset page-size'],
  ...['set whitelist-mode off', 'set rate-limit-global 0', 'set rate-limit-global -1', 'reset retention-days'],
  ...['set no-such-setting 1', 'confirm 123456'],
  ...['audit verify', 'audit proof 1', 'audit key', 'audit checkpoint', 'audit checkpoint off', 'audit erase SELF'],
  ...['audit clock', 'audit clock 2026-11-30', 'audit clock tomorrow'],
  ...[`audit erase ${USER2}`, 'audit hold list', `audit hold add ${USER2}`, `audit hold remove ${USER2}`],
  // What cannot be read is judged by the role alone, and so it is when it is sent.
  ...['audit list 999', 'role promote nobody ADMIN', `role demote ${OWNER} KING`, `user block ${OWNER} for ever`],
  ...['whitelist add', 'set rate-limit-global', 'audit export 1 2'],
]

const CHANGES = /^(?:role (?:promote|demote|revoke)|user (?:un)?block|whitelist) /

describe('role why', () => {
  const shared = shareWarden()
  const ask = (phone: string, line: string) => shared.warden.ask(OWNER, `!config role why ${phone} ${line}`)
  const saysAllowed = (answer: string): boolean => {
    expect(answer).toMatch(/: (?:✅ \*allowed\*|⛔ \*not allowed\*)\n📏 /)
    return answer.includes('✅ *allowed*')
  }
  const isAllowed = ({ status }: Handled): boolean => {
    expect(['answered', 'usage', 'not-found', 'denied', 'blocked']).toContain(status)
    return status !== 'denied' && status !== 'blocked'
  }

  /** Asks about each line and then sends it. */
  async function compare(phone: string, lines: readonly string[], arrange: () => unknown = () => {}) {
    const { warden, clock } = shared
    let isChanged = true
    for (const line of lines.map((line) => line.replace('SELF', phone))) {
      if (isChanged) {
        reset(warden)
        await arrange()
      }
      clock.advance(11 * MINUTE)
      const answer = await ask(phone, line)
      const handled = await warden.say(phone, `!config ${line}`)
      expect([line, answer.split('\n')[1], saysAllowed(answer)]).toEqual([
        line,
        answer.split('\n')[1],
        isAllowed(handled),
      ])
      isChanged = handled.status === 'answered' && CHANGES.test(line)
      const isByPolicy = handled.status === 'denied' && !/📏 It requires/.test(answer)
      if (isByPolicy) expect(answer).toContain(`\n📏 ${textOf(handled)}`)
    }
  }

  test('is asked about every command there is', () => {
    for (const command of COMMANDS) expect(LINES.some((line) => line.startsWith(commandName(command)))).toBe(true)
  })

  test.each(Object.entries(SENDERS))('says of %s what happens when they send it', async (_, phone) => {
    await compare(phone, LINES)
  })

  const SOME = ['audit mine', 'role list', `role promote ${USER2} OPERATOR`, 'set rate-limit-global 0', 'whitelist add']

  test('says so of those who are blocked, until the block ends', async () => {
    const { warden, clock } = shared
    const block = (phone: string, until: number | null) =>
      warden.sql(
        'INSERT INTO blocks VALUES (?, ?, NULL, ?, ?)',
        phone,
        until && new Date(until).toISOString(),
        OWNER,
        0,
      )
    for (const phone of Object.values(SENDERS)) {
      await compare(phone, SOME, () => block(phone, null))
      expect(await ask(phone, 'audit list')).toContain(
        '⛔ *not allowed*\n📏 They are blocked until somebody unblocks them.',
      )
      await compare(phone, SOME.slice(0, 1), () => block(phone, clock.time + 12 * MINUTE))
    }
    reset(warden)
    clock.time = Date.UTC(2027, 0, 1, 10)
    await warden.say(OWNER, `!config user block ${USER} for 1h`)
    expect(await ask(USER, 'audit mine')).toContain('📏 They are blocked until 2027-01-01 11:00.')
    clock.advance(HOUR)
    expect(saysAllowed(await ask(USER, 'audit mine'))).toBe(true)
  })

  test('says so of those whom whitelist mode keeps out', async () => {
    const { warden } = shared
    await warden.say(OWNER, '!config set whitelist-mode on')
    for (const phone of Object.values(SENDERS)) await compare(phone, SOME)
    const list = (phone: string) =>
      warden.sql(
        'UPDATE users SET whitelisted = true WHERE id = (SELECT user_id FROM accounts WHERE account = ?)',
        phone,
      )
    for (const phone of [OPERATOR, USER]) await compare(phone, SOME, () => list(phone))
    reset(warden)
    expect(await ask(OPERATOR, 'audit mine')).toContain(
      '⛔ *not allowed*\n📏 Whitelist mode is on, and they are not on the whitelist.',
    )
    await warden.say(OWNER, '!config set whitelist-mode off')
  })

  test('names the rule', async () => {
    reset(shared.warden)
    const answer = (phone: string, role: string, rest: string) => `🔎 *${phone} (${role})*\n${rest}`
    expect(await ask(USER, 'audit list')).toBe(
      answer(USER, 'USER', 'audit list: ⛔ *not allowed*\n📏 It requires ADMIN or higher; their role is USER.'),
    )
    expect(await ask(ADMIN, 'audit list 3')).toBe(
      answer(
        ADMIN,
        'ADMIN',
        'audit list: ✅ *allowed*\n📏 It requires ADMIN or higher, and nothing else is in the way.',
      ),
    )
    expect(await ask(STRANGER, 'audit export')).toBe(
      answer(STRANGER, 'NONE', 'audit export: ⛔ *not allowed*\n📏 It requires OWNER; their role is NONE.'),
    )
    expect(await ask(ADMIN, `role promote ${NEW} ADMIN`)).toBe(
      answer(
        ADMIN,
        'ADMIN',
        `role promote ${NEW} ADMIN: ⛔ *not allowed*\n📏 ❌ Only OWNER can promote users to ADMIN role.`,
      ),
    )
    expect(await ask(ADMIN, 'set whitelist-mode on')).toBe(
      answer(ADMIN, 'ADMIN', 'set whitelist-mode: ⛔ *not allowed*\n📏 ❌ Only OWNER can change whitelist-mode.'),
    )
    expect(await ask(OWNER, 'set retention-days 40')).toBe(
      answer(
        OWNER,
        'OWNER',
        'set retention-days: ✅ *allowed*\n📏 It requires OWNER, and nothing else is in the way.\n⏳ A change that may cost something has to be confirmed, and takes effect after 7 days.',
      ),
    )
  })

  test('says where only the role could be judged', async () => {
    const partial = '_I could not read what follows the command, so only the role was looked at._'
    expect(await ask(ADMIN, 'role promote nobody OWNER')).toMatch(/✅ \*allowed\*\n📏 [^\n]*\n_I could not read/)
    expect(await ask(USER, 'role promote nobody OWNER')).toContain(`📏 It requires ADMIN or higher`)
    expect(await ask(ADMIN, `role promote ${NEW} OPERATOR`)).not.toContain(partial)
  })

  test('takes the command as it would be sent, with the prefix and in any case', async () => {
    const plain = await ask(ADMIN, `role promote ${NEW} ADMIN`)
    for (const written of [
      `!config role promote ${NEW} ADMIN`,
      `!CONFIG Role PROMOTE ${NEW} admin`,
      `"role promote ${NEW} ADMIN"`,
      `“!config role promote +1 555 000 0777 ADMIN”`,
    ])
      expect(await ask(ADMIN, written)).toBe(plain)
  })

  test.each(['nonsense', 'role', 'audit lst', 'help', 'more', '!config', '!config !config audit list', '__proto__'])(
    'knows no such command: %s',
    async (line) => {
      const { result, entries } = await entriesOf(shared.warden, () =>
        shared.warden.say(OWNER, `!config role why ${USER} ${line}`),
      )
      expect(result.status).toBe('usage')
      expect(textOf(result)).toBe('I know no such command. Write it as it would be sent, for example: audit list')
      expect(entries).toEqual([])
    },
  )

  test('asks for a command, and for a number', async () => {
    const { warden } = shared
    const usage = 'Usage: !config role why <phoneNumber> <command…>'
    expect(await warden.ask(OWNER, `!config role why ${USER}`)).toBe(
      `Please provide a command, as it would be sent. ${usage}`,
    )
    expect(await warden.ask(OWNER, '!config role why nobody audit list')).toContain(usage)
    expect(await warden.ask(OWNER, `!config role why ${USER} audit list ${'x'.repeat(200)}`)).toContain(usage)
  })

  test('carries nothing out, and is an entry', async () => {
    const { warden } = shared
    reset(warden)
    const everything = () => [
      stateOf(warden),
      ...['blocks', 'refusals', 'settings', 'confirmations', 'denial_windows'].map((table) =>
        warden.sql(`SELECT * FROM ${table}`),
      ),
    ]
    const before = everything()
    const { entries } = await entriesOf(warden, async () => {
      for (const line of LINES) await ask(OWNER2, line.replace('SELF', OWNER2))
    })
    expect(everything()).toEqual(before)
    expect(entries.map(({ action, phoneNumber, metadata }) => ({ action, phoneNumber, ...metadata }))).toEqual(
      LINES.map(() => ({ action: 'USERS_VIEWED', phoneNumber: OWNER, view: 'why', targetUser: OWNER2 })),
    )
  })
})
