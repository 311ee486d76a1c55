import { describe, expect, test } from 'vitest'
import { hasDueReminders } from '../../src/commands/reminders.ts'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, OWNER2, OWNER3, openTestWarden, STRANGER, USER } from '../support/chatwarden.ts'
import { codeFor, codeIn } from '../support/confirming.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { entriesOf } from '../support/trail.ts'
import { openWriter } from '../support/writer.ts'

const CODE = '123456'
const idOf = (account: string) => `(SELECT user_id FROM accounts WHERE account = '${account}')`

/** OWNER has asked for something; the others may confirm it. */
async function open(command = `role promote ${USER} ADMIN`, owners = [OWNER, OWNER2, OWNER3]) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(',') } })
  const say = (by: string, text: string) => warden.say(by, `!config ${text}`)
  await say(OWNER, `role promote ${USER} USER`)
  await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: STRANGER } })
  const asked = await say(OWNER, command)
  return { warden, clock, say, asked }
}

/** What each column can be made to say, as SQL, so that another gets what nobody asked for. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  confirmer: [idOf(USER), idOf(OWNER), "'OPERATOR'"],
  code: [`'${CODE}'`],
  request_id: ["'another'"],
  requested_by: [idOf(OWNER2), idOf(USER), "'nobody'"],
  command: ["'audit hold remove'", "'role demote'", "'audit export'"],
  arguments: [`'{"target":"${USER}","reason":""}'`, "'{}'", "'{'", "'null'"],
  subject: ["'ALL'", `'${STRANGER}'`],
  what: ["'something harmless'", "''"],
  expires_at: ['expires_at + 1', '4102444800000'],
  request_seq: ['0', '-1', 'request_seq - 1', 'request_seq + 1', '2147483647'],
}

describe('what waits for a code is carried out as its entry says it, and not otherwise:', () => {
  test.each(Object.entries(CHANGES).flatMap(([column, values]) => values.map((value) => [column, value] as const)))(
    '%s made %s',
    async (column, value) => {
      const { warden, clock, say, asked } = await open(`audit erase ${STRANGER}`)
      expect(await warden.waiting()).toHaveLength(1)
      const code = codeFor(asked, OWNER2)
      warden.sql(`CREATE TABLE forged AS SELECT * FROM confirmations WHERE code = '${code}'`)
      warden.sql('DELETE FROM confirmations')
      warden.sql(`UPDATE forged SET ${column} = ${value}`)
      warden.sql('INSERT INTO confirmations SELECT * FROM forged')
      warden.sql('DROP TABLE forged')
      const tried = column === 'code' ? CODE : code
      const { entries } = await entriesOf(warden, async () => {
        for (const by of [OWNER, OWNER2, OWNER3, USER]) await say(by, `confirm ${tried}`)
        expect(await warden.waiting()).toEqual([])
        expect((await warden.decide(tried)).kind).toBe('not-found')
      })
      expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(['PERMISSION_DENIED']))
      // Nor is anybody reminded of it.
      // Who is not told so in the chat finds it.
      const findings = await findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })
      expect(findings).toMatchObject([{ kind: 'unlogged change', about: expect.stringContaining('a code of request') }])
      const { reader } = await openWriter(warden, clock)
      expect(await hasDueReminders(reader, clock.time + 25 * HOUR)).toBe(false)
    },
  )

  test('a request that nobody made', async () => {
    const { warden, say, asked } = await open(`audit erase ${STRANGER}`, [OWNER, OWNER2])
    const code = codeFor(asked, OWNER2)
    // The same again, for the same thing: as if OWNER2 had asked, for OWNER to confirm.
    warden.sql(
      `INSERT INTO confirmations (confirmer, code, request_id, requested_by, command, arguments, subject, what, request_seq, expires_at)
       SELECT ${idOf(OWNER)}, '${CODE}', 'forged', ${idOf(OWNER2)}, command, arguments, subject, what, request_seq, expires_at
       FROM confirmations WHERE code = '${code}'`,
    )
    expect((await say(OWNER, `confirm ${CODE}`)).status).toBe('not-found')
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_ERASURE' })).toBe(0)
  })

  test.each(['confirmed', 'asked for again'])('a request that was %s and comes back', async (what) => {
    const { warden, say, asked } = await open('audit hold add all', [OWNER, OWNER2])
    expect(asked.status).toBe('answered')
    const code = codeFor(await say(OWNER, 'audit hold remove all'), OWNER2)
    warden.sql('CREATE TABLE kept AS SELECT * FROM confirmations')
    if (what === 'confirmed') await say(OWNER2, `confirm ${code}`)
    else await say(OWNER, 'audit hold remove all')
    await say(OWNER, 'audit hold add all')
    warden.sql('DELETE FROM confirmations')
    warden.sql('INSERT INTO confirmations SELECT * FROM kept')
    warden.sql('DROP TABLE kept')
    expect((await say(OWNER2, `confirm ${code}`)).status).toBe('not-found')
    expect(await warden.waiting()).toEqual([])
    expect(warden.sql('SELECT subject FROM audit_holds')).toHaveLength(1)
  })

  test('a request is there to be confirmed until it ends, also when its entry is old by then', async () => {
    const { warden, clock, say } = await open('audit hold add all')
    const code = codeFor(await say(OWNER, 'audit hold remove all'), OWNER2)
    warden.sql('DELETE FROM audit_holds')
    clock.advance(71 * HOUR)
    await warden.AuditLogRepository.deleteExpired(1)
    expect(await warden.AuditLogRepository.count({ action: 'CONFIRMATION_REQUESTED' })).toBe(1)
    expect((await warden.waiting()).map(({ command }) => command)).toEqual(['audit hold remove'])
    clock.advance(2 * HOUR)
    expect((await say(OWNER2, `confirm ${code}`)).status).toBe('not-found')
  })

  test('what is as it was asked for is carried out, by a code of one’s own too', async () => {
    const { warden, clock, say } = await open('audit hold add all', [OWNER])
    const code = codeIn((await say(OWNER, 'audit hold remove all')).replies[0]?.text)
    clock.advance(4 * MINUTE)
    const { result, entries } = await entriesOf(warden, () => say(OWNER, `confirm ${code}`))
    expect(result.status).toBe('answered')
    expect(entries.map(({ action }) => action)).toEqual(['CONFIRMATION_GIVEN', 'AUDIT_HOLD_REMOVE'])
  })
})
