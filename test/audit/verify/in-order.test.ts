import { describe, expect, test } from 'vitest'
import { sealOf } from '../../../src/commands/confirmation.repository.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import { ADMIN, OPERATOR, OWNER, OWNER2, OWNER3, openTestWarden, STRANGER, USER } from '../../support/chatwarden.ts'
import { codeFor, confirmed } from '../../support/confirming.ts'
import {
  alone,
  answered,
  cleanUp,
  giveRole,
  idOf,
  LID,
  note,
  type Opened,
  OTHER_LID,
  openInOrder,
} from '../../support/in-order.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { tamper } from '../../support/tamper.ts'

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

const onlyWhitelisted = async (opened: Opened) => {
  await answered(opened, OWNER, 'set whitelist-mode on')
  opened.clock.advance(DAY)
}

const HOLDS_AWAY = {
  before: 'CREATE TABLE kept AS SELECT * FROM audit_holds; DELETE FROM audit_holds',
  after: 'INSERT INTO audit_holds SELECT * FROM kept; DROP TABLE kept',
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
  'the role of the other owner, to confirm an account of theirs alone': {
    owners: [OWNER, OWNER2],
    prepare: async ({ warden }) => {
      for (const account of [LID, OTHER_LID])
        await warden.say(OWNER2, '!config role list', fromAccount(OWNER2, account))
    },
    before: giveRole(OWNER2, 'USER'),
    act: (opened) => answered(opened, OWNER, `role confirm ${OWNER2}`),
    after: giveRole(OWNER2, 'OWNER'),
    about: /^IDENTITY_CONFIRMED by \+15550000101 alone, and there were 2 owners/,
  },
  'that the account of a number has another one': {
    prepare: async (opened) => {
      await opened.warden.say(ADMIN, '!config role list', fromAccount(ADMIN, LID))
      await opened.warden.say(OPERATOR, '!config audit mine', fromAccount(OPERATOR, LID))
      await answered(opened, OWNER, `role confirm ${OPERATOR}`)
    },
    before: `UPDATE accounts SET proof = 'given' WHERE account = '${ADMIN}'; DELETE FROM identity_claims`,
    act: async ({ warden }) => {
      const { status } = await warden.say(ADMIN, '!config role list', fromAccount(ADMIN, OTHER_LID))
      expect(status).toBe('answered')
    },
    after: `UPDATE accounts SET proof = 'vacated' WHERE account = '${ADMIN}'`,
    about: /^whatsapp:8002@lid came to act as \+15550000201 as the first, and was not by the entries before it/,
  },
  'which account an owner was first seen by': {
    owners: [OWNER, OWNER2],
    prepare: async ({ warden }) => {
      await warden.say(OWNER2, '!config role list', fromAccount(OWNER2, LID))
      const { status } = await warden.say(OWNER2, '!config role list', fromAccount(OWNER2, OTHER_LID))
      expect(status).toBe('denied')
    },
    before: `CREATE TABLE kept AS SELECT * FROM accounts WHERE account = 'whatsapp:${LID}';
      DELETE FROM accounts WHERE account = 'whatsapp:${LID}'; DELETE FROM identity_claims`,
    act: async ({ warden }) => {
      const { status } = await warden.say(OWNER2, '!config role list', fromAccount(OWNER2, OTHER_LID))
      expect(status).toBe('answered')
    },
    after: 'INSERT INTO accounts SELECT * FROM kept; DROP TABLE kept',
    about: /^whatsapp:8002@lid came to act as \+15550000102, and /,
  },
  'which account is to be replaced': {
    prepare: async ({ warden }) => {
      for (const account of [LID, OTHER_LID]) await warden.say(ADMIN, '!config role list', fromAccount(ADMIN, account))
    },
    before: `CREATE TABLE kept AS SELECT * FROM accounts WHERE account = 'whatsapp:${LID}';
      DELETE FROM accounts WHERE account = 'whatsapp:${LID}'`,
    act: (opened) => answered(opened, OWNER, `role confirm ${ADMIN}`),
    after: 'INSERT INTO accounts SELECT * FROM kept; DROP TABLE kept',
    about: /^whatsapp:8002@lid came to act as \+15550000201, and whatsapp:8001@lid did by the entries before it/,
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
    ...HOLDS_AWAY,
    act: cleanUp,
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
    ...HOLDS_AWAY,
    act: (opened) => alone(opened, `audit erase ${STRANGER}`),
    about: /^AUDIT_ERASURE by other legal holds than those that stood: \+15550000901/,
  },
  'a hold, before an erasure of which no entry can be removed': {
    prepare: async (opened) => {
      await answered(opened, OWNER, `user block ${STRANGER}`)
      await answered(opened, OWNER, `audit hold add ${STRANGER}`)
    },
    ...HOLDS_AWAY,
    act: (opened) => alone(opened, `audit erase ${STRANGER}`),
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
  'that an account is in doubt': {
    prepare: async ({ warden, say }) => {
      await warden.say(OPERATOR, '!config audit mine', fromAccount(OPERATOR, LID))
      expect((await warden.say(OPERATOR, '!config audit mine', fromAccount(OPERATOR, OTHER_LID))).status).toBe('denied')
      await say(OWNER, `role demote ${OPERATOR} USER`)
      await say(OWNER, `role promote ${OPERATOR} OPERATOR`)
    },
    before: 'DELETE FROM identity_claims',
    act: ({ warden }) => warden.say(OPERATOR, '!config audit mine', fromAccount(OPERATOR, OTHER_LID)),
    after: 'SELECT 1',
    about: /^whatsapp:8002@lid came to act as \+15550000301, and no owner had said who that is/,
  },
  'how long somebody has been an owner': {
    owners: [OWNER, OWNER2],
    prepare: ({ warden }) => confirmed(warden, `role promote ${OWNER3} OWNER`),
    before: 'DELETE FROM new_owners',
    act: (opened) => confirmed(opened.warden, `audit erase ${USER}`, OWNER, OWNER3),
    after: 'SELECT 1',
    about: /^\+15550000103 had not been OWNER for a day/,
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
    const opened = await openInOrder(owners)
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
    const opened = await openInOrder(owners)
    await prepare?.(opened)
    await act(opened).catch(() => {})
    expect(await opened.findings()).toEqual([])
  })
})

test('what was done shows also where an erasure has taken the entry before it', async () => {
  const opened = await openInOrder([OWNER, OWNER2])
  const { warden, findings } = opened
  await answered(opened, OWNER, `user status ${STRANGER}`)
  warden.sql(giveRole(OWNER2, 'USER'))
  await answered(opened, OWNER, `role promote ${USER} OWNER`)
  warden.sql(giveRole(OWNER2, 'OWNER'))
  expect(await findings()).toHaveLength(1)
  await confirmed(warden, `audit erase ${STRANGER}`)
  expect(await warden.AuditLogRepository.count({ action: 'USERS_VIEWED' })).toBe(0)
  expect(await findings()).toHaveLength(1)
})

test('what is confirmed about somebody else than was asked for shows', async () => {
  const opened = await openInOrder([OWNER, OWNER2])
  const { warden, say, findings } = opened
  const code = codeFor(await say(OWNER, `role promote ${USER} OWNER`), OWNER2)
  const [row] = warden.sql<Record<string, string | number>>(`SELECT * FROM confirmations WHERE code = '${code}'`)
  const [entry] = await warden.AuditLogRepository.query({ action: 'CONFIRMATION_REQUESTED' })
  const values = { ...JSON.parse(String(row?.arguments)), target: STRANGER }
  const seal = sealOf({
    requestId: String(row?.request_id),
    requestedBy: String(row?.requested_by),
    command: String(row?.command),
    values,
    subject: String(row?.subject),
    what: String(row?.what),
    expiresAt: new Date(JSON.parse(entry?.metadata ?? '').until),
    confirmer: String(row?.confirmer),
    code,
  })
  const say2 = (metadata: string) =>
    tamper(warden.path, (database) =>
      database.prepare('UPDATE audit_logs SET metadata = ? WHERE seq = ?').run(metadata, Number(row?.request_seq)),
    )
  say2(JSON.stringify({ ...JSON.parse(entry?.metadata ?? ''), seals: [seal] }))
  warden.sql('UPDATE confirmations SET arguments = ? WHERE code = ?', JSON.stringify(values), code)
  expect((await say(OWNER2, `confirm ${code}`)).status).toBe('answered')
  say2(entry?.metadata ?? '')
  expect((await warden.UserRepository.findByAccount(STRANGER))?.role).toBe('OWNER')
  expect((await findings()).map(({ about }) => about)).toContainEqual('nobody had asked for what it confirms')
})

test('a message that counts twice is two acts, each of who wrote it then', async () => {
  const { warden, findings } = await openInOrder()
  const again = (text: string) => warden.say(USER, `!config ${text}`, { id: 'the same' })
  expect((await again('audit mine')).status).toBe('answered')
  warden.sql('DELETE FROM processed_messages')
  warden.sql(giveRole(USER, 'OWNER'))
  expect((await again(`role promote ${STRANGER} ADMIN`)).status).toBe('answered')
  warden.sql(giveRole(USER, 'USER'))
  expect((await findings()).map(({ about }) => about)).toContainEqual(
    expect.stringMatching(/^\+15550000401 acted as OWNER, and was USER/),
  )
})

test('what had changed since it was asked for, and was hidden from who confirms it, shows', async () => {
  const { warden, say, findings } = await openInOrder([OWNER, OWNER2])
  const code = codeFor(await say(OWNER, `role promote ${USER} OWNER`), OWNER2)
  for (const change of ['promote', 'demote'])
    await say(OWNER, `role ${change} ${USER} ${change === 'promote' ? 'OPERATOR' : 'USER'}`)
  await say(OWNER, 'role list')
  const hide = (from: string, to: string) =>
    tamper(warden.path, (database) =>
      database.exec(`UPDATE audit_logs SET action = '${to}' WHERE action = '${from}' AND account = '${OWNER}'`),
    )
  hide('ROLE_CHANGE', 'CONVERSATION_RESET')
  expect((await say(OWNER2, `confirm ${code}`)).status).toBe('answered')
  hide('CONVERSATION_RESET', 'ROLE_CHANGE')
  expect(await findings()).toMatchObject([
    { kind: 'unfounded act', about: 'role promote +15550000401: something had changed since it was asked for' },
  ])
})
