import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { AuditWriter } from '../../src/audit/write/audit-writer.ts'
import { tellCountedDenials } from '../../src/commands/denials.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { MINUTE } from '../../src/kernel/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import {
  ADMIN,
  ADMIN2,
  FakeClock,
  OPERATOR,
  OWNER,
  openTestWarden,
  openWithUser,
  STRANGER,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { linkAccount } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, expectDenial, readEntry, stateOf, textOf } from '../support/trail.ts'
import { keyOf } from '../support/writer.ts'

const CALLERS = { OWNER, ADMIN, OPERATOR, USER, unknown: STRANGER } as const
type Caller = keyof typeof CALLERS
const EVERYBODY = Object.keys(CALLERS) as Caller[]
const KNOWN = EVERYBODY.filter((caller) => caller !== 'unknown')
/** The same people, most of them by accounts on other platforms. */
const ELSEWHERE: Readonly<Record<Caller, string>> = {
  OWNER,
  ADMIN: 'whatsapp:777777777777201@lid',
  OPERATOR: 'discord:301',
  USER: 'slack:T1/U401',
  unknown: 'shop:902',
}
const NEW = '+15550000777'

const VIEW = "❌ You don't have permission to view audit logs. This command requires ADMIN role or higher."
const EXPORT = "❌ You don't have permission to export audit logs. This command requires OWNER role."
const ROLES = "❌ You don't have permission to manage roles. This command requires ADMIN role or higher."
const CLOCK = "❌ You don't have permission to confirm the clock. This command requires OWNER role."
const CHECKPOINT = "❌ You don't have permission to take checkpoints. This command requires OWNER role."
const ERASE = "❌ You don't have permission to erase audit logs. This command requires OWNER role."
const HOLDS = "❌ You don't have permission to manage legal holds. This command requires OWNER role."
const CONFIRM = "❌ You don't have permission to confirm identities. This command requires OWNER role."
const USERS = "❌ You don't have permission to manage users. This command requires OPERATOR role or higher."
const WHITELIST = "❌ You don't have permission to manage the whitelist. This command requires ADMIN role or higher."
const SETTINGS = "❌ You don't have permission to manage settings. This command requires ADMIN role or higher."
const CONFIRM_COMMAND = "❌ You don't have permission to confirm commands. This command requires OWNER role."
const ANYTHING = "❌ You don't have permission to use these commands. Ask an OWNER to add you."

interface Row {
  readonly command: string
  readonly typed: string
  /** By the design's table of permissions, read by hand. */
  readonly may: readonly Caller[]
  readonly attemptedAction: string
  /** What the denied are told; who may run nothing under the first word hears one and the same. */
  readonly denial: string
  /** What has to have happened for the command to have something to do. */
  readonly arrange?: (warden: TestWarden) => Promise<unknown>
}

/** A LID that shows somebody's digits, which an owner may take for that person. */
const appearAs = (phone: string) => (warden: TestWarden) =>
  warden.say('', '!config help', { source: 'whatsapp', sender: { id: `${phone.slice(1)}@lid` } })

/** A shorter retention, for which the only owner needs a code. */
async function codeFor(warden: TestWarden): Promise<string> {
  await warden.say(OWNER, '!config reset retention-days')
  return /confirm (\d{6})/.exec(await warden.ask(OWNER, '!config set retention-days 60'))?.[1] ?? ''
}

const STAFF = ['OWNER', 'ADMIN'] as const satisfies readonly Caller[]

/** One row for each command at least; those that need more than a role have one for each way to be denied. */
const MATRIX: readonly Row[] = [
  {
    command: 'audit list',
    typed: 'audit list 7',
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'VIEW_AUDIT_LOGS',
    denial: VIEW,
  },
  {
    command: 'audit user',
    typed: `audit user ${USER}`,
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'VIEW_AUDIT_LOGS',
    denial: VIEW,
  },
  {
    command: 'audit category',
    typed: 'audit category AUTH',
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'VIEW_AUDIT_LOGS',
    denial: VIEW,
  },
  {
    command: 'audit mine',
    typed: 'audit mine',
    may: ['OWNER', 'ADMIN', 'OPERATOR', 'USER'],
    attemptedAction: 'VIEW_OWN_AUDIT_LOGS',
    denial: VIEW,
  },
  {
    command: 'audit export',
    typed: 'audit export 30',
    may: ['OWNER'],
    attemptedAction: 'EXPORT_AUDIT_LOGS',
    denial: EXPORT,
  },
  {
    command: 'audit dsar',
    typed: `audit dsar ${USER}`,
    may: ['OWNER'],
    attemptedAction: 'EXPORT_PERSONAL_DATA',
    denial: EXPORT,
  },
  ...['search actor:+15550000101', `history ${OWNER}`].map(
    (words): Row => ({
      command: `audit ${words.split(' ')[0]}`,
      typed: `audit ${words}`,
      may: STAFF,
      attemptedAction: 'VIEW_AUDIT_LOGS',
      denial: VIEW,
    }),
  ),
  ...['verify', 'proof', 'key'].map(
    (word): Row => ({
      command: `audit ${word}`,
      typed: word === 'proof' ? 'audit proof 1' : `audit ${word}`,
      may: ['OWNER', 'ADMIN'],
      attemptedAction: { verify: 'VERIFY_AUDIT_LOGS', proof: 'PROVE_AUDIT_LOG', key: 'VIEW_AUDIT_KEY' }[word] ?? '',
      denial: VIEW,
    }),
  ),
  {
    command: 'audit checkpoint',
    typed: 'audit checkpoint',
    may: ['OWNER'],
    attemptedAction: 'AUDIT_CHECKPOINT',
    denial: CHECKPOINT,
  },
  {
    command: 'audit clock',
    typed: 'audit clock',
    may: ['OWNER'],
    attemptedAction: 'CONFIRM_CLOCK',
    denial: CLOCK,
  },
  {
    command: 'audit erase',
    typed: `audit erase ${USER}`,
    may: ['OWNER'],
    attemptedAction: 'ERASE_AUDIT_LOGS',
    denial: ERASE,
  },
  {
    command: 'audit hold list',
    typed: 'audit hold list',
    may: ['OWNER'],
    attemptedAction: 'VIEW_LEGAL_HOLDS',
    denial: HOLDS,
  },
  {
    command: 'audit hold add',
    typed: `audit hold add ${OPERATOR}`,
    may: ['OWNER'],
    attemptedAction: 'ADD_LEGAL_HOLD',
    denial: HOLDS,
  },
  {
    command: 'audit hold remove',
    typed: `audit hold remove ${OPERATOR}`,
    may: ['OWNER'],
    attemptedAction: 'REMOVE_LEGAL_HOLD',
    denial: HOLDS,
    arrange: (warden) => warden.say(OWNER, `!config audit hold add ${OPERATOR}`),
  },
  {
    command: 'role list',
    typed: 'role list',
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'LIST_USERS',
    denial: ROLES,
  },
  {
    command: 'role info',
    typed: `role info ${USER}`,
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'VIEW_USER_INFO',
    denial: ROLES,
  },
  {
    command: 'role promote',
    typed: `role promote ${USER} USER`,
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'PROMOTE_USER',
    denial: ROLES,
  },
  {
    command: 'role promote',
    typed: `role promote ${ADMIN2} ADMIN`,
    may: ['OWNER'],
    attemptedAction: 'PROMOTE_TO_ADMIN',
    denial: '❌ Only OWNER can change the role of an ADMIN.',
  },
  {
    command: 'role demote',
    typed: `role demote ${USER} USER`,
    may: ['OWNER', 'ADMIN'],
    attemptedAction: 'DEMOTE_USER',
    denial: ROLES,
  },
  {
    command: 'role confirm',
    typed: `role confirm ${OPERATOR}`,
    may: ['OWNER'],
    attemptedAction: 'CONFIRM_IDENTITY',
    denial: CONFIRM,
    arrange: appearAs(OPERATOR),
  },
  { command: 'audit stats', typed: 'audit stats 2', may: STAFF, attemptedAction: 'VIEW_AUDIT_LOGS', denial: VIEW },
  {
    command: 'role why',
    typed: `role why ${USER} audit list`,
    may: STAFF,
    attemptedAction: 'EXPLAIN_PERMISSION',
    denial: ROLES,
  },
  { command: 'role revoke', typed: `role revoke ${USER}`, may: STAFF, attemptedAction: 'REVOKE_ROLE', denial: ROLES },
  {
    command: 'role revoke',
    typed: `role revoke ${NEW}`,
    may: ['OWNER'],
    attemptedAction: 'REVOKE_ROLE',
    denial: '❌ Only OWNER can change the role of an ADMIN.',
    arrange: (warden) => warden.say(OWNER, `!config role promote ${NEW} ADMIN`),
  },
  {
    command: 'user status',
    typed: `user status ${OWNER}`,
    may: [...STAFF, 'OPERATOR'],
    attemptedAction: 'VIEW_USER_STATUS',
    denial: USERS,
  },
  {
    command: 'user block',
    typed: `user block ${NEW} for 2h spam`,
    arrange: (warden) => warden.say(OWNER, `!config user unblock ${NEW}`),
    may: [...STAFF, 'OPERATOR'],
    attemptedAction: 'BLOCK_USER',
    denial: USERS,
  },
  {
    command: 'user unblock',
    typed: `user unblock ${NEW}`,
    may: [...STAFF, 'OPERATOR'],
    attemptedAction: 'UNBLOCK_USER',
    denial: USERS,
  },
  {
    command: 'whitelist add',
    typed: `whitelist add ${USER}`,
    may: STAFF,
    attemptedAction: 'WHITELIST_ADD',
    denial: WHITELIST,
  },
  {
    command: 'whitelist remove',
    typed: `whitelist remove ${USER}`,
    may: STAFF,
    attemptedAction: 'WHITELIST_REMOVE',
    denial: WHITELIST,
  },
  {
    command: 'whitelist list',
    typed: 'whitelist list',
    may: STAFF,
    attemptedAction: 'VIEW_WHITELIST',
    denial: WHITELIST,
  },
  { command: 'get', typed: 'get', may: STAFF, attemptedAction: 'VIEW_SETTINGS', denial: SETTINGS },
  { command: 'set', typed: 'set page-size 9', may: STAFF, attemptedAction: 'CHANGE_SETTING', denial: SETTINGS },
  {
    command: 'set',
    typed: 'set rate-limit-global 900',
    may: ['OWNER'],
    attemptedAction: 'CHANGE_SETTING',
    denial: '❌ Only OWNER can change rate-limit-global.',
  },
  { command: 'reset', typed: 'reset page-size', may: STAFF, attemptedAction: 'RESET_SETTING', denial: SETTINGS },
  {
    command: 'reset',
    typed: 'reset rate-limit-global',
    may: ['OWNER'],
    attemptedAction: 'RESET_SETTING',
    denial: '❌ Only OWNER can change rate-limit-global.',
  },
  {
    command: 'confirm',
    typed: 'confirm CODE',
    may: ['OWNER'],
    attemptedAction: 'CONFIRM_COMMAND',
    denial: CONFIRM_COMMAND,
    arrange: codeFor,
  },
]

/** What somebody denied is told: where they may run nothing under the word, its one denial is all there is. */
function toldTo(caller: Caller, { command, denial }: Row): string {
  const [group = ''] = command.split(' ')
  if (group === 'audit') return caller === 'unknown' ? VIEW : denial
  if (caller === 'ADMIN') return denial
  // Below ADMIN nobody reaches what a setting or a person asks for beyond the command.
  return { role: ROLES, user: USERS, whitelist: WHITELIST, set: SETTINGS, reset: SETTINGS }[group] ?? denial
}

test('the access matrix has a row for every command there is', () => {
  expect(new Set(MATRIX.map(({ command }) => command))).toEqual(new Set(COMMANDS.map(commandName)))
})

describe('the access matrix for people of several platforms', () => {
  const shared = shareWarden()
  beforeAll(() => {
    for (const role of KNOWN)
      if (ELSEWHERE[role] !== CALLERS[role]) linkAccount(shared.warden, ELSEWHERE[role], CALLERS[role])
  })

  const cells = MATRIX.flatMap((row) => EVERYBODY.map((caller) => ({ ...row, row, caller })))

  test.each(cells.filter(({ may, caller }) => may.includes(caller)))(
    '$caller may send: $typed',
    async ({ typed, caller, arrange }) => {
      const code = await arrange?.(shared.warden)
      const { status } = await shared.warden.say(ELSEWHERE[caller], `!config ${typed.replace('CODE', String(code))}`)
      expect(status).toBe('answered')
    },
  )

  test.each(cells.filter(({ may, caller }) => !may.includes(caller)))(
    '$caller is denied, once in the trail, and nothing changes: $typed',
    async ({ row, typed, caller, attemptedAction, arrange }) => {
      const { warden } = shared
      await arrange?.(warden)
      const role = caller === 'unknown' ? 'NONE' : caller
      const handled = await expectDenial(warden, () => warden.say(ELSEWHERE[caller], `!config ${typed}`), {
        attemptedAction,
        by: ELSEWHERE[caller],
        role,
      })
      expect(textOf(handled)).toBe(toldTo(caller, row))
      expect(handled.replies).toHaveLength(1)
    },
  )

  const POLICY = [
    { caller: 'ADMIN', typed: `role promote ${NEW} OWNER`, attemptedAction: 'PROMOTE_TO_OWNER' },
    { caller: 'ADMIN', typed: `role promote ${NEW} ADMIN`, attemptedAction: 'PROMOTE_TO_ADMIN' },
    { caller: 'ADMIN', typed: `role promote ${USER} ADMIN`, attemptedAction: 'PROMOTE_TO_ADMIN' },
    { caller: 'ADMIN', typed: `role promote ${OWNER} USER`, attemptedAction: 'PROMOTE_USER' },
    { caller: 'ADMIN', typed: `role demote ${OWNER} USER`, attemptedAction: 'DEMOTE_OWNER' },
    { caller: 'ADMIN', typed: `role demote ${ADMIN2} USER`, attemptedAction: 'DEMOTE_ADMIN' },
    { caller: 'ADMIN', typed: `role demote ${OPERATOR} ADMIN`, attemptedAction: 'DEMOTE_USER' },
    { caller: 'OWNER', typed: `role demote ${OWNER} USER`, attemptedAction: 'DEMOTE_OWNER' },
    { caller: 'OPERATOR', typed: `role promote ${NEW} OWNER`, attemptedAction: 'PROMOTE_TO_OWNER' },
    { caller: 'USER', typed: `role promote ${NEW} admin`, attemptedAction: 'PROMOTE_TO_ADMIN' },
    { caller: 'unknown', typed: `role promote ${NEW} OPERATOR`, attemptedAction: 'PROMOTE_USER' },
    { caller: 'unknown', typed: `role promote ${STRANGER} OWNER`, attemptedAction: 'PROMOTE_TO_OWNER' },
    { caller: 'unknown', typed: 'role promote notaphone USER', attemptedAction: 'PROMOTE_USER' },
    { caller: 'OPERATOR', typed: `role demote ${OWNER} USER`, attemptedAction: 'DEMOTE_USER' },
  ] as const

  test.each(POLICY)('$caller is denied as $attemptedAction: $typed', async ({ caller, typed, attemptedAction }) => {
    const { warden } = shared
    await expectDenial(warden, () => warden.say(ELSEWHERE[caller], `!config ${typed}`), {
      attemptedAction,
      by: ELSEWHERE[caller],
      role: caller === 'unknown' ? 'NONE' : caller,
    })
  })
})

describe('who may run nothing under a word hears the same, whatever follows it', () => {
  const shared = shareWarden()
  const REST = [
    '',
    'help',
    'list',
    'list 7',
    'list 7abc',
    'user',
    'user notaphone',
    'category NOPE',
    'mine',
    'export 1.9 extra',
    'info',
    `promote ${NEW} OWNER`,
    'promote notaphone KING',
    'demote',
    'nonsense',
    '__proto__',
    'list help',
    'x'.repeat(10_000),
  ]
  const WORDS = [
    { word: 'audit', callers: ['unknown'], text: VIEW },
    { word: 'role', callers: ['OPERATOR', 'USER', 'unknown'], text: ROLES },
    { word: 'user', callers: ['USER', 'unknown'], text: USERS },
    { word: 'whitelist', callers: ['OPERATOR', 'USER', 'unknown'], text: WHITELIST },
    { word: 'get', callers: ['OPERATOR', 'USER', 'unknown'], text: SETTINGS },
    { word: 'set', callers: ['OPERATOR', 'USER', 'unknown'], text: SETTINGS },
    { word: 'confirm', callers: ['OPERATOR', 'USER', 'unknown'], text: CONFIRM_COMMAND },
    { word: 'ROLE', callers: ['OPERATOR', 'USER', 'unknown'], text: ROLES },
  ] as const

  test.each(WORDS.flatMap(({ word, callers, text }) => callers.map((caller) => ({ word, caller, text }))))(
    '$caller under `$word`',
    async ({ word, caller, text }) => {
      const { warden, clock } = shared
      const before = stateOf(warden)
      const { result, entries } = await entriesOf(warden, async () => {
        const answers = []
        for (const rest of REST) {
          clock.advance(11 * MINUTE)
          answers.push(await warden.say(CALLERS[caller], `!config ${word} ${rest}`))
        }
        return answers
      })
      for (const handled of result) expect(handled).toEqual({ status: 'denied', replies: [{ audience: 'chat', text }] })
      expect(entries.map(({ action }) => action)).toEqual(REST.map(() => 'PERMISSION_DENIED'))
      expect(stateOf(warden)).toEqual(before)
    },
  )

  test('an unknown sender without a known word', async () => {
    const { warden, clock } = shared
    for (const rest of ['', ' help', ' more', ' nonsense', ' users block +15550000101', ' __proto__']) {
      clock.advance(11 * MINUTE)
      const handled = await warden.say(STRANGER, `!config${rest}`)
      expect(handled).toEqual({ status: 'denied', replies: [{ audience: 'chat', text: ANYTHING }] })
    }
  })

  test('a sender whose number the platform does not tell', async () => {
    const { warden } = shared
    const sender = { id: '123456789012345@lid', name: 'Olivia Owner' }
    const handled = await expectDenial(warden, () => warden.say(STRANGER, '!config audit list', { sender }), {
      attemptedAction: 'VIEW_AUDIT_LOGS',
      by: 'whatsapp:123456789012345@lid',
      role: 'NONE',
    })
    expect(textOf(handled)).toBe(VIEW)
  })
})

describe('help and suggestions', () => {
  const shared = shareWarden()
  const OPERATORS = ['audit mine', 'user status', 'user block', 'user unblock']
  const ADMINS = [
    ...OPERATORS,
    ...['audit list', 'audit user', 'audit category', 'audit stats', 'role list', 'role info', 'role why'],
    ...['role promote', 'role demote', 'role revoke', 'whitelist list', 'whitelist add', 'whitelist remove'],
    ...['get', 'set', 'reset', 'audit verify', 'audit proof', 'audit key'],
    ...['audit search', 'audit history'],
  ]
  const OWNERS_ALONE = [
    ...['audit export', 'audit checkpoint', 'audit erase', 'audit hold list', 'audit hold add', 'audit hold remove'],
    'audit clock',
    ...['role confirm', 'confirm', 'audit dsar'],
  ]
  const PERMITTED: Readonly<Record<Exclude<Caller, 'unknown'>, readonly string[]>> = {
    OWNER: [...ADMINS, ...OWNERS_ALONE],
    ADMIN: ADMINS,
    OPERATOR: OPERATORS,
    USER: ['audit mine'],
  }
  const known = Object.keys(PERMITTED) as (keyof typeof PERMITTED)[]
  const namedIn = (text: string): string[] =>
    COMMANDS.map(commandName).filter((name) => new RegExp(`!config ${name}( |$)`, 'm').test(text))

  test.each(known)('help lists for %s exactly what they may run', async (caller) => {
    const { warden } = shared
    const may = PERMITTED[caller]
    const under = (word: string) => may.filter((name) => name.startsWith(word)).sort()
    for (const ask of ['', ' help', ' HELP'])
      expect(namedIn(await warden.ask(CALLERS[caller], `!config${ask}`)).sort()).toEqual([...may].sort())
    for (const ask of ['audit', 'audit help', 'help audit'])
      expect(namedIn(await warden.ask(CALLERS[caller], `!config ${ask}`)).sort()).toEqual(under('audit'))
    for (const group of ['role', 'user', 'whitelist'])
      if (under(`${group} `).length > 0)
        expect(namedIn(await warden.ask(CALLERS[caller], `!config ${group} help`)).sort()).toEqual(under(`${group} `))
  })

  test.each(known)('the help on one command is shown to %s only if they may run it', async (caller) => {
    const { warden, clock } = shared
    for (const name of COMMANDS.map(commandName)) {
      clock.advance(11 * MINUTE)
      const { status } = await warden.say(CALLERS[caller], `!config ${name} help`)
      expect([name, status]).toEqual([name, PERMITTED[caller].includes(name) ? 'answered' : 'denied'])
    }
  })

  test('no typing error is answered with a command that the caller may not run', async () => {
    const { warden, clock } = shared
    const typos = fc
      .tuple(fc.constantFrom(...COMMANDS.map(commandName)), fc.nat(12), fc.constantFrom('', 'x', 'o', 'exp'))
      .map(([name, at, inserted]) => name.slice(0, at) + inserted + name.slice(at + 1))
    const property = fc.asyncProperty(fc.constantFrom(...known), typos, async (caller, typo) => {
      clock.advance(11 * MINUTE)
      const { status, replies } = await warden.say(CALLERS[caller], `!config ${typo}`)
      if (status !== 'usage') return
      for (const name of namedIn(replies[0]?.text ?? '')) expect(PERMITTED[caller]).toContain(name)
    })
    await fc.assert(property, { numRuns: 120 })
  })

  test('the nearest command is suggested', async () => {
    const { warden } = shared
    expect(await warden.ask(OWNER, '!config audit exprot 30')).toContain('Did you mean: !config audit export [days]')
    expect(await warden.ask(ADMIN, '!config audit exprot 30')).not.toContain('export')
    expect(await warden.ask(USER, '!config audit lst')).toContain('Did you mean: !config audit mine')
  })
})

describe('denials above five in ten minutes', () => {
  const counted = {
    action: 'PERMISSION_DENIED',
    phoneNumber: STRANGER,
    source: 'system',
    metadata: { attemptedAction: 'REPEATED', count: 3, reason: 'more than 5 denials in 10 minutes' },
  }
  const denials = async (warden: TestWarden) =>
    (await warden.AuditLogRepository.findByAction('PERMISSION_DENIED')).map(readEntry).reverse()

  async function flooded(denied = 8) {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    const answers = []
    for (let i = 0; i < denied; i++) {
      answers.push(await warden.say(STRANGER, '!config audit list'))
      clock.advance(MINUTE)
    }
    return { clock, warden, answers }
  }

  test('are not answered and only counted', async () => {
    const { warden, answers } = await flooded()
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'denied'))
    expect(answers.map(({ replies }) => replies.length)).toEqual([1, 1, 1, 1, 1, 0, 0, 0])
    expect(await denials(warden)).toHaveLength(5)
    expect(warden.sql('SELECT * FROM processed_messages WHERE source = ?', 'api')).toHaveLength(6)
  })

  test('a denial by policy is counted with those by role', async () => {
    const warden = await openWithUser({ clock: new FakeClock() })
    for (const typed of ['audit export', `role demote ${OWNER} USER`, 'audit export', `role promote ${NEW} ADMIN`])
      expect((await warden.say(ADMIN, `!config ${typed}`)).replies).toHaveLength(1)
    expect((await warden.say(ADMIN, `!config role promote ${NEW} OWNER`)).replies).toHaveLength(1)
    for (const typed of [`role demote ${OWNER} USER`, 'audit export'])
      expect(await warden.say(ADMIN, `!config ${typed}`)).toEqual({ status: 'denied', replies: [] })
    expect(await denials(warden)).toHaveLength(5)
  })

  test('leave other senders their answers', async () => {
    const { warden } = await flooded()
    expect((await warden.say('+15550000902', '!config audit list')).replies).toHaveLength(1)
    expect((await warden.say(USER, '!config role list')).replies).toHaveLength(1)
    expect(await denials(warden)).toHaveLength(7)
  })

  test('leave the sender what they may do', async () => {
    const { warden } = await flooded()
    await warden.say(OWNER, `!config role promote ${STRANGER} USER`)
    expect((await warden.say(STRANGER, '!config audit mine')).status).toBe('answered')
    expect(await warden.say(STRANGER, '!config audit list')).toEqual({ status: 'denied', replies: [] })
  })

  test('become one entry with their count at the next denial after the window, which is answered again', async () => {
    const { warden, clock } = await flooded()
    clock.advance(2 * MINUTE)
    expect((await warden.say(STRANGER, '!config audit list')).replies).toHaveLength(1)
    const entries = await denials(warden)
    expect(entries).toHaveLength(7)
    expect(entries[5]).toMatchObject(counted)
    expect(entries[6]?.metadata).toMatchObject({ attemptedAction: 'VIEW_AUDIT_LOGS' })
  })

  test('become one entry with their count when the job finds the window ended, and only one', async () => {
    const { warden, clock } = await flooded()
    const database = await openDatabase(warden.url)
    const writer = new AuditWriter(database, EVENT_TYPES, clock, keyOf(warden.path))
    const tell = () => writer.transaction((tx) => tellCountedDenials(tx, clock.now()))
    try {
      await tell()
      expect(await denials(warden)).toHaveLength(5)
      clock.advance(2 * MINUTE)
      await tell()
      await tell()
    } finally {
      await database.close()
    }
    const entries = await denials(warden)
    expect(entries).toHaveLength(6)
    expect(entries[5]).toMatchObject(counted)
    await warden.say(STRANGER, '!config audit list')
    expect(await denials(warden)).toHaveLength(7)
  })

  test('five or fewer leave nothing to tell', async () => {
    const { warden, clock } = await flooded(5)
    clock.advance(10 * MINUTE)
    await warden.say(STRANGER, '!config audit list')
    expect((await denials(warden)).map(({ metadata }) => metadata.attemptedAction)).toEqual(
      Array(6).fill('VIEW_AUDIT_LOGS'),
    )
  })

  test('are told by the bot’s own job within a minute of the end of the window', async () => {
    const clock = new FakeClock()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const warden = await openTestWarden({ clock, jobs: true })
      for (let i = 0; i < 8; i++) await warden.say(STRANGER, '!config audit list')
      clock.advance(10 * MINUTE)
      // As much time passes for the job as for the database: what waits for that with a limit would else give up at once.
      const atMost = { timeout: MINUTE, interval: 50 }
      await vi.waitFor(async () => expect(await denials(warden)).toHaveLength(6), atMost)
      expect((await denials(warden))[5]).toMatchObject(counted)
    } finally {
      vi.useRealTimers()
    }
  })
})
