import { describe, expect, test } from 'vitest'
import { auditEvent } from '../../../src/audit/entry/entry.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  type TestWarden,
  USER,
} from '../../support/chatwarden.ts'
import { codeIn, confirmed } from '../../support/confirming.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { findingsIn, keyIn } from '../../support/tamper.ts'
import { openWriter } from '../../support/writer.ts'

const LID = '8001@lid'
const idOf = (account: string) => `(SELECT user_id FROM accounts WHERE account = '${account}')`
const giveRole = (account: string, role: string) => `UPDATE users SET role = '${role}' WHERE id = ${idOf(account)}`

async function open(owners: readonly string[] = [OWNER]) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(',') } })
  const say = (by: string, text: string) => warden.say(by, `!config ${text}`)
  await say(OWNER, `role promote ${USER} USER`)
  const findings = () => findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })
  return { warden, clock, say, findings }
}
type Opened = Awaited<ReturnType<typeof open>>

/** An old entry of somebody, and a clean-up that removes what is old. */
const note = ({ warden }: Opened, phoneNumber: string) =>
  warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber } })
async function cleanUp({ warden, clock }: Opened): Promise<void> {
  clock.advance(91 * DAY)
  expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(0)
}

async function alone({ say }: Opened, command: string, by = OWNER): Promise<void> {
  const { replies } = await say(by, command)
  expect((await say(by, `confirm ${codeIn(replies[0]?.text)}`)).status).toBe('answered')
}

interface Attack {
  readonly owners?: readonly string[]
  readonly prepare?: (opened: Opened) => Promise<unknown>
  /** What is changed behind the bot's back. */
  readonly before: string
  /** What the bot then does, by itself or for somebody. */
  readonly act: (opened: Opened) => Promise<unknown>
  /** What makes it look as before. */
  readonly after: string
  readonly about: RegExp
}

const answered = async (opened: Opened, by: string, command: string) =>
  expect((await opened.say(by, command)).status).toBe('answered')

const onlyWhitelisted = async (opened: Opened) => {
  await answered(opened, OWNER, 'set whitelist-mode on')
  opened.clock.advance(DAY)
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'a role, to read the trail': {
    before: giveRole(USER, 'ADMIN'),
    act: (opened) => answered(opened, USER, 'audit list'),
    after: giveRole(USER, 'USER'),
    about: /^\+15550000401 acted as ADMIN, and was USER/,
  },
  'a role, to get everything as a file': {
    before: giveRole(OPERATOR, 'OWNER'),
    act: (opened) => answered(opened, OPERATOR, 'audit export 30 format:csv'),
    after: giveRole(OPERATOR, 'OPERATOR'),
    about: /^\+15550000301 acted as OWNER, and was OPERATOR/,
  },
  'a role, to give one to somebody else': {
    before: giveRole(USER, 'OWNER'),
    act: (opened) => confirmed(opened.warden, `role promote ${STRANGER} ADMIN`, USER, OWNER),
    after: giveRole(USER, 'USER'),
    about: /^\+15550000401 acted as OWNER, and was USER/,
  },
  'a role, of who is to get a lower one': {
    before: giveRole(USER, 'ADMIN'),
    act: (opened) => answered(opened, OWNER, `role demote ${USER} OPERATOR`),
    after: 'SELECT 1',
    about: /^role of \+15550000401: it was ADMIN, by the entries before it USER/,
  },
  'the role of the other owner, to erase alone': {
    owners: [OWNER, OWNER2],
    prepare: (opened) => note(opened, STRANGER),
    before: giveRole(OWNER2, 'USER'),
    act: (opened) => alone(opened, `audit erase ${STRANGER}`),
    after: giveRole(OWNER2, 'OWNER'),
    about: /^[A-Z_]+ by \+15550000101 alone, and there were 2 owners/,
  },
  'the role of the other owner, to end a hold alone': {
    owners: [OWNER, OWNER2],
    prepare: (opened) => answered(opened, OWNER, `audit hold add ${STRANGER}`),
    before: giveRole(OWNER2, 'USER'),
    act: (opened) => alone(opened, `audit hold remove ${STRANGER}`),
    after: giveRole(OWNER2, 'OWNER'),
    about: /^[A-Z_]+ by \+15550000101 alone, and there were 2 owners/,
  },
  'the role of the other owner, to shorten the retention alone': {
    owners: [OWNER, OWNER2],
    before: giveRole(OWNER2, 'USER'),
    act: (opened) => alone(opened, 'set retention-days 30'),
    after: giveRole(OWNER2, 'OWNER'),
    about: /^[A-Z_]+ by \+15550000101 alone, and there were 2 owners/,
  },
  'the role of the other owner, to make one alone': {
    owners: [OWNER, OWNER2],
    before: giveRole(OWNER2, 'USER'),
    act: (opened) => answered(opened, OWNER, `role promote ${USER} OWNER`),
    after: giveRole(OWNER2, 'OWNER'),
    about: /^[A-Z_]+ by \+15550000101 alone, and there were 2 owners/,
  },
  'whose an account is': {
    before: `INSERT INTO accounts SELECT 'telegram:7', user_id, 'given', NULL, since FROM accounts WHERE account = '${OWNER}'`,
    act: ({ warden }) =>
      warden.say('7', '!config role list', {
        source: 'telegram',
        sender: { id: '7' },
        chat: { id: '7', kind: 'private' },
      }),
    after: "DELETE FROM accounts WHERE account = 'telegram:7'",
    about: /^telegram:7 acted as \+15550000101, and was not theirs/,
  },
  'a block, of who then acts': {
    prepare: (opened) => answered(opened, OWNER, `user block ${ADMIN}`),
    before: 'CREATE TABLE kept AS SELECT * FROM blocks; DELETE FROM blocks',
    act: (opened) => answered(opened, ADMIN, 'role list'),
    after: 'INSERT INTO blocks SELECT * FROM kept; DROP TABLE kept',
    about: /^\+15550000201 acted, and was blocked/,
  },
  'a hold on everything, before a clean-up': {
    prepare: async (opened) => {
      await note(opened, STRANGER)
      await answered(opened, OWNER, 'audit hold add all')
    },
    before: 'CREATE TABLE kept AS SELECT * FROM audit_holds; DELETE FROM audit_holds',
    act: cleanUp,
    after: 'INSERT INTO audit_holds SELECT * FROM kept; DROP TABLE kept',
    about: /^AUDIT_RETENTION by other legal holds than those that stood: /,
  },
  'a hold on one person, before a clean-up': {
    prepare: async (opened) => {
      await note(opened, STRANGER)
      for (const who of [STRANGER, ADMIN]) await answered(opened, OWNER, `audit hold add ${who}`)
    },
    before: `CREATE TABLE kept AS SELECT * FROM audit_holds; DELETE FROM audit_holds WHERE subject = '${STRANGER}'`,
    act: cleanUp,
    after: `INSERT INTO audit_holds SELECT * FROM kept WHERE subject = '${STRANGER}'; DROP TABLE kept`,
    about: /^AUDIT_RETENTION by other legal holds than those that stood: /,
  },
  'a hold, before an erasure': {
    prepare: async (opened) => {
      await note(opened, STRANGER)
      await answered(opened, OWNER, `audit hold add ${STRANGER}`)
    },
    before: 'CREATE TABLE kept AS SELECT * FROM audit_holds; DELETE FROM audit_holds',
    act: (opened) => alone(opened, `audit erase ${STRANGER}`),
    after: 'INSERT INTO audit_holds SELECT * FROM kept; DROP TABLE kept',
    about: /^AUDIT_ERASURE by other legal holds than those that stood: \+15550000901/,
  },
  'a hold, which is put back by command': {
    prepare: async (opened) => {
      await note(opened, STRANGER)
      await answered(opened, OWNER, `audit hold add ${STRANGER}`)
    },
    before: 'DELETE FROM audit_holds',
    act: async (opened) => {
      await cleanUp(opened)
      await answered(opened, OWNER, `audit hold add ${STRANGER}`)
    },
    after: 'SELECT 1',
    about: /^legal hold on \+15550000901: begun, and by the entries before it stood/,
  },
  'an account of who is held': {
    prepare: async (opened) => {
      await note(opened, LID)
      await opened.warden.say(ADMIN, '!config role list', fromAccount(ADMIN, LID))
      await answered(opened, OWNER, `audit hold add ${ADMIN}`)
    },
    before: `UPDATE accounts SET user_id = ${idOf(USER)} WHERE account = 'whatsapp:${LID}'`,
    act: cleanUp,
    after: `UPDATE accounts SET user_id = ${idOf(ADMIN)} WHERE account = 'whatsapp:${LID}'`,
    about: /^AUDIT_RETENTION by other legal holds/,
  },
  'being on the whitelist': {
    prepare: (opened) => onlyWhitelisted(opened),
    before: `UPDATE users SET whitelisted = true WHERE id = ${idOf(USER)}`,
    act: (opened) => answered(opened, USER, 'audit mine'),
    after: `UPDATE users SET whitelisted = false WHERE id = ${idOf(USER)}`,
    about: /^\+15550000401 acted, and was not on the whitelist/,
  },
  'whether the whitelist counts': {
    prepare: (opened) => onlyWhitelisted(opened),
    before: "UPDATE settings SET value = 'false' WHERE name = 'whitelist-mode'",
    act: async (opened) => {
      // By another process, which has it from the database.
      const other = await openTestWarden({ clock: opened.clock }, opened.warden.folder)
      expect((await other.say(OPERATOR, '!config audit mine')).status).toBe('answered')
    },
    after: "UPDATE settings SET value = 'true' WHERE name = 'whitelist-mode'",
    about: /^\+15550000301 acted, and was not on the whitelist/,
  },
  'who keeps an owner out': {
    owners: [OWNER, OWNER2, OWNER3],
    prepare: (opened) => answered(opened, OWNER, `user block ${OWNER2}`),
    before: `UPDATE blocks SET blocked_by = '${OWNER3}'`,
    act: (opened) => answered(opened, OWNER3, `user unblock ${OWNER2}`),
    after: 'SELECT 1',
    about: /^USER_UNBLOCK by \+15550000103 alone, and there were 3 owners/,
  },
  'who is on the whitelist, which is given back by command': {
    prepare: (opened) => answered(opened, OWNER, `whitelist add ${USER}`),
    before: `UPDATE users SET whitelisted = false WHERE id = ${idOf(USER)}`,
    act: (opened) => answered(opened, OWNER, `whitelist add ${USER}`),
    after: 'SELECT 1',
    about: /^whitelisting of \+15550000401/,
  },
}

describe('what the database said for a while, and does no more, shows in what was done by it:', () => {
  test.each(Object.entries(ATTACKS))('%s', async (_what, { owners, prepare, before, act, after, about }) => {
    const opened = await open(owners)
    await prepare?.(opened)
    for (const sql of before.split(';')) opened.warden.sql(sql)
    await act(opened)
    for (const sql of after.split(';')) opened.warden.sql(sql)
    const findings = await opened.findings()
    expect(findings.filter(({ kind }) => kind !== 'unfounded act')).toEqual([])
    expect(findings.map((each) => each.about)).toContainEqual(expect.stringMatching(about))
    // It says which entry, and who may not know what it is about does not hear it in the chat.
    expect(findings[0]).toMatchObject({ entries: [expect.any(Number), expect.any(Number)], id: expect.any(String) })
    const told = await opened.warden.ask(ADMIN, '!config audit verify')
    if (!told.includes('blocked')) expect(told).toContain('unfounded act: see chatwarden verify')
  })

  test.each(Object.entries(ATTACKS))('and it is nothing without that: %s', async (_what, { owners, prepare, act }) => {
    const opened = await open(owners)
    await prepare?.(opened)
    await act(opened).catch(() => {})
    expect(await opened.findings()).toEqual([])
  })
})

const actor = async ({ UserRepository }: TestWarden, account: string) => {
  const user = await UserRepository.findByAccount(account)
  return { account, role: user?.role ?? 'NONE', userId: user?.id }
}

describe('a confirmation is one of what was asked for:', () => {
  const place = { source: 'whatsapp', channelId: OWNER, requestId: 'a message' } as const
  const hash = 'ab'.repeat(32)

  test.each<
    [what: string, given: Readonly<Record<string, unknown>> | undefined, by: string, about: RegExp | undefined]
  >([
    ['by who is named', {}, OWNER2, undefined],
    ['by nobody', undefined, OWNER2, /^AUDIT_ERASURE: nobody had asked for it/],
    ['by somebody else', { requestedBy: OWNER2 }, OWNER2, /^nobody had asked for what it confirms/],
    ['something else', { command: 'audit hold remove' }, OWNER2, /^nobody had asked for what it confirms/],
    ['about something else', { subject: 'cd'.repeat(32) }, OWNER2, /^nobody had asked for what it confirms/],
    ['by another entry', { request: 0 }, OWNER2, /^nobody had asked for what it confirms/],
    ['by no entry', { request: 10_000 }, OWNER2, /^nobody had asked for what it confirms/],
    ['and confirmed by themself', {}, OWNER, /^AUDIT_ERASURE by .* alone, and there were 2 owners/],
  ])('asked for %s', async (_what, given, by, about) => {
    const { warden, clock, findings } = await open([OWNER, OWNER2])
    const { writer } = await openWriter(warden, clock)
    const asked = { command: 'audit erase', subject: hash }
    const request = await writer.append(
      auditEvent('CONFIRMATION_REQUESTED', await actor(warden, OWNER), place, {
        ...asked,
        until: new Date(clock.time + DAY).toISOString(),
        seals: [],
      }),
    )
    const said = { request: request[0]?.seq ?? -1, ...asked, requestedBy: OWNER, ...given }
    const erasure = { subjectHash: hash, ranges: [], erasedCount: 0, requestedBy: OWNER }
    const confirmer = await actor(warden, by)
    await writer.append(
      ...(given === undefined ? [] : [auditEvent('CONFIRMATION_GIVEN', confirmer, place, said)]),
      auditEvent('AUDIT_ERASURE', confirmer, place, erasure),
    )
    const found = await findings()
    if (about === undefined) expect(found).toEqual([])
    else expect(found).toMatchObject([{ kind: 'unfounded act', about: expect.stringMatching(about) }])
    // A second time nobody has asked.
    if (about !== undefined) return
    await writer.append(auditEvent('CONFIRMATION_GIVEN', confirmer, place, said))
    expect(await findings()).toMatchObject([{ about: 'nobody had asked for what it confirms' }])
  })

  test('what takes a code has one, and what takes two owners too', async () => {
    const { warden, clock, findings } = await open([OWNER, OWNER2])
    const { writer } = await openWriter(warden, clock)
    const owner = await actor(warden, OWNER)
    const erasure = { subjectHash: hash, ranges: [], erasedCount: 0 }
    await writer.append(auditEvent('AUDIT_ERASURE', owner, place, erasure))
    expect(await findings()).toMatchObject([{ about: 'AUDIT_ERASURE was not confirmed' }])
    // The program around the bot, and whoever runs it, decide alone.
    await writer.append(auditEvent('AUDIT_ERASURE', { account: 'SYSTEM', role: 'SYSTEM' }, { source: 'cli' }, erasure))
    expect(await findings()).toHaveLength(1)
    const performedBy = { phoneNumber: OWNER }
    await warden.UserRepository.changeRole({ performedBy, phoneNumber: USER, newRole: 'OWNER' })
    expect(await findings()).toHaveLength(1)
  })
})
