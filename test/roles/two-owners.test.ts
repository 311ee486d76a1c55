import { describe, expect, test } from 'vitest'
import { remind } from '../../src/commands/reminders.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { english } from '../../src/text/english.ts'
import {
  FakeClock,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'

import { codeFor, codeIn, confirmed, noteTo } from '../support/confirming.ts'
import { MachineClock } from '../support/machine-clock.ts'
import { linkAccount } from '../support/people.ts'
import { platformSays } from '../support/platform-says.ts'
import { roleOf, textOf } from '../support/trail.ts'
import { openWriter } from '../support/writer.ts'

const NEW = '+15550000777'
const LID = '900001@lid'

async function open(owners: readonly string[], folder?: string) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(',') } }, folder)
  const say = (by: string, text: string) => warden.say(by, `!config ${text}`)
  const confirm = async (by: string, code: string) => (await say(by, `confirm ${code}`)).status
  return { warden, clock, say, confirm }
}
type Opened = Awaited<ReturnType<typeof open>>

const blocked = ({ sql }: TestWarden, account: string) =>
  sql('SELECT 1 FROM blocks WHERE account = ?', account).length > 0
const isClean = async ({ ask }: TestWarden, by = OWNER) =>
  expect(await ask(by, '!config audit verify')).toContain('✅ *Internally consistent*')

interface Act {
  readonly command: string
  /** What has to be there before. */
  readonly prepare?: (opened: Opened) => Promise<unknown>
  readonly isDone: (warden: TestWarden) => Promise<boolean>
  /** Whom it concerns who is an owner, and may not decide it. */
  readonly concerns?: string
  /** Whether one owner alone does it without a code. */
  readonly isFreeAlone?: boolean
}

/** What takes another owner. OWNER asks; OWNER2 is whom it concerns where it concerns an owner. */
const ACTS: Readonly<Record<string, Act>> = {
  'makes an owner': {
    command: `role promote ${NEW} OWNER`,
    isDone: async (warden) => (await roleOf(warden, NEW)) === 'OWNER',
    isFreeAlone: true,
  },
  'shortens the retention': {
    command: 'set retention-days 30',
    isDone: async ({ sql }) => sql("SELECT 1 FROM settings WHERE name = 'retention-days'").length > 0,
  },
  erases: {
    command: `audit erase ${STRANGER}`,
    isDone: async ({ AuditLogRepository }) => (await AuditLogRepository.count({ action: 'AUDIT_ERASURE' })) > 0,
  },
  'ends a hold': {
    command: 'audit hold remove all',
    prepare: ({ say }) => say(OWNER, 'audit hold add all'),
    isDone: async ({ sql }) => sql('SELECT 1 FROM audit_holds').length === 0,
  },
}

/** What needs three owners: one asks, one is concerned, one is left. */
const ABOUT_OWNERS: Readonly<Record<string, Act>> = {
  'demotes an owner': {
    command: `role demote ${OWNER2} ADMIN`,
    isDone: async (warden) => (await roleOf(warden, OWNER2)) === 'ADMIN',
  },
  'revokes an owner': {
    command: `role revoke ${OWNER2}`,
    isDone: async (warden) => (await roleOf(warden, OWNER2)) === 'USER',
  },
  'confirms an account of an owner': {
    command: `role confirm ${OWNER2}`,
    prepare: async ({ warden }) => {
      const as = (id: string) =>
        warden.say('', '!config role list', { source: 'whatsapp', sender: { id, phone: OWNER2 } })
      await as('800001@lid')
      expect((await as(LID)).status).toBe('denied')
    },
    isDone: async ({ sql }) => sql('SELECT 1 FROM accounts WHERE account = ?', `whatsapp:${LID}`).length > 0,
    concerns: OWNER2,
  },
  'lets an account of an owner act as somebody else': {
    command: `role confirm ${NEW}`,
    prepare: async ({ warden, say }) => {
      await say(OWNER, `role promote ${NEW} OPERATOR`)
      const as = (phone: string) =>
        warden.say('', '!config role list', { source: 'whatsapp', sender: { id: LID, phone } })
      await as(OWNER2)
      expect((await as(NEW)).status).toBe('denied')
    },
    isDone: async ({ sql }) =>
      sql('SELECT 1 FROM accounts WHERE account = ? AND phone = ?', `whatsapp:${LID}`, NEW).length > 0,
    concerns: OWNER2,
  },
  'unblocks an owner whom another blocked': {
    command: `user unblock ${OWNER2}`,
    prepare: ({ say }) => say(OWNER3, `user block ${OWNER2}`),
    isDone: async (warden) => !blocked(warden, OWNER2),
    concerns: OWNER2,
  },
  'blocks an owner for less than another did': {
    command: `user block ${OWNER2} for 1m`,
    prepare: ({ say }) => say(OWNER3, `user block ${OWNER2}`),
    isDone: async ({ sql }) => sql('SELECT 1 FROM blocks WHERE until IS NOT NULL').length > 0,
    concerns: OWNER2,
  },
}

const rows = (acts: Readonly<Record<string, Act>>) => Object.entries(acts)

describe('what takes another owner', () => {
  describe.each([...rows(ACTS), ...rows(ABOUT_OWNERS)])('%s', (_name, { command, prepare, isDone, concerns }) => {
    const start = async (owners: readonly string[]) => {
      const opened = await open(owners)
      linkAccount(opened.warden, 'telegram:101', OWNER)
      await prepare?.(opened)
      const asked = await opened.say(OWNER, command)
      expect(await isDone(opened.warden)).toBe(false)
      return { ...opened, asked }
    }

    test('with the code of another, who alone has it, and once', async () => {
      const { warden, confirm, asked } = await start([OWNER, OWNER2, OWNER3])
      const code = codeFor(asked, OWNER3)
      for (const by of [OWNER, OWNER2])
        expect(['not-found', 'blocked', 'denied']).toContain((await warden.say(by, `!config confirm ${code}`)).status)
      for (const wrong of asked.replies.map(({ text }) => codeIn(text)).filter((it) => it !== ''))
        for (const own of [OWNER, 'telegram:101']) expect(await confirm(own, wrong)).toBe('not-found')
      if (concerns !== undefined) expect(noteTo(asked, concerns)).toBeUndefined()
      expect(await isDone(warden)).toBe(false)
      expect(await confirm(OWNER3, code)).toBe('answered')
      expect(await isDone(warden)).toBe(true)
      expect(await confirm(OWNER3, code)).toBe('not-found')
      // It came about behind the trail's back.
      warden.sql("DELETE FROM accounts WHERE account = 'telegram:101'")
      await isClean(warden)
    })

    test('not where the others are silent; then whoever runs the bot decides, or it is not done', async () => {
      const { warden, clock, confirm, asked } = await start([OWNER, OWNER2, OWNER3])
      clock.advance(72 * HOUR - 1)
      const [request] = await warden.waiting()
      expect(request).toMatchObject({ requestedBy: OWNER })
      for (const { text } of asked.replies) expect(text).not.toContain(request?.code)
      clock.advance(1)
      expect(await confirm(OWNER3, codeFor(asked, OWNER3))).toBe('not-found')
      expect([await warden.waiting(), (await warden.decide(request?.code ?? '')).kind]).toEqual([[], 'not-found'])
      expect(await isDone(warden)).toBe(false)
    })

    test('not where the others are blocked, but by whoever runs the bot, who stands in the entry', async () => {
      const opened = await open([OWNER, OWNER2, OWNER3])
      const { warden, say, confirm } = opened
      await prepare?.(opened)
      for (const other of [OWNER2, OWNER3]) await say(OWNER, `user block ${other}`)
      if (concerns !== undefined && command.startsWith('user')) return
      const asked = await say(OWNER, command)
      expect(asked.status).toBe('not-found')
      expect(textOf(asked)).toContain('chatwarden confirm')
      expect(asked.replies).toHaveLength(1)
      const [request] = await warden.waiting()
      expect(await confirm(OWNER, request?.code ?? '')).toBe('not-found')
      expect(await isDone(warden)).toBe(false)
      expect(await warden.decide(request?.code ?? '')).toMatchObject({ kind: 'answered' })
      expect(await isDone(warden)).toBe(true)
      const entries = await warden.AuditLogRepository.query({ phoneNumber: 'SYSTEM', source: 'cli' })
      expect(entries.map(({ metadata }) => JSON.parse(metadata).requestedBy)).toContain(OWNER)
      for (const { metadata } of entries) expect(JSON.parse(metadata)).toMatchObject({ operator: expect.any(String) })
      await isClean(warden)
    })

    test('not for who asked and may not ask any more', async () => {
      const { warden, say, confirm, asked } = await start([OWNER, OWNER2, OWNER3])
      await say(OWNER3, `user block ${OWNER}`)
      expect(await confirm(OWNER3, codeFor(asked, OWNER3))).toBe('not-found')
      expect(await isDone(warden)).toBe(false)
    })
  })

  test.each(rows(ACTS))(
    'is done by a single owner without another: %s',
    async (_name, { command, prepare, isDone, isFreeAlone }) => {
      const opened = await open([OWNER])
      await prepare?.(opened)
      const asked = await opened.say(OWNER, command)
      expect(await isDone(opened.warden)).toBe(isFreeAlone === true)
      if (!isFreeAlone) expect(await opened.confirm(OWNER, codeIn(textOf(asked)))).toBe('answered')
      expect(await isDone(opened.warden)).toBe(true)
    },
  )

  test.each(rows(ACTS))('with two owners only the other: %s', async (_name, { command, prepare, isDone }) => {
    const opened = await open([OWNER, OWNER2])
    await prepare?.(opened)
    const asked = await opened.say(OWNER, command)
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER2 }])
    expect(await opened.confirm(OWNER2, codeFor(asked, OWNER2))).toBe('answered')
    expect(await isDone(opened.warden)).toBe(true)
  })

  test('by one’s own code no more, once there is another owner', async () => {
    const { warden, say } = await open([OWNER])
    const code = codeIn(textOf(await say(OWNER, 'set retention-days 30')))
    await say(OWNER, `role promote ${NEW} OWNER`)
    const late = await say(OWNER, `confirm ${code}`)
    expect([late.status, textOf(late)]).toEqual(['not-found', expect.stringContaining('There is another OWNER now')])
    expect(warden.sql('SELECT * FROM settings')).toEqual([])
  })

  test('is told with who can’t confirm and why, where nobody can', async () => {
    const { warden, say } = await open([OWNER, OWNER2, 'telegram:77'])
    await confirmed(warden, `role promote ${NEW} OWNER`)
    await say(OWNER, `user block ${OWNER2}`)
    const from = { source: 'whatsapp', sender: { id: `${OWNER.slice(1)}@c.us` } } as const
    const asked = await warden.say('', '!config set retention-days 30', from)
    expect(
      textOf(asked)
        .split('\n')
        .filter((line) => line.startsWith('•')),
    ).toEqual([
      `• ${OWNER2} is blocked`,
      '• telegram:77 can’t be written to from here',
      `• ${NEW} became OWNER less than 24 hours ago`,
    ])
    expect(await warden.waiting()).toMatchObject([
      { command: 'set', what: 'retention-days: 90 → 30', requestedBy: OWNER },
    ])
  })

  test('needs an owner who has been one while the bot ran for a day, over restarts and whatever the clock says', async () => {
    const clock = new MachineClock()
    const folder = temporaryFolder()
    const env = { OWNER_PHONE_NUMBERS: OWNER }
    const start = () => openTestWarden({ clock, env }, folder)
    let warden = await start()
    await warden.say(OWNER, `!config role promote ${NEW} OWNER`)
    const left = () => warden.sql<{ remaining: number }>('SELECT remaining FROM new_owners').map((row) => row.remaining)
    const restart = async (ran: number, away: number) => {
      clock.advance(ran)
      await warden.close()
      clock.set(away)
      warden = await start()
    }
    await restart(20 * HOUR, 100 * DAY)
    expect(left()).toEqual([4 * HOUR])
    await restart(2 * HOUR, -100 * DAY)
    expect(left()).toEqual([2 * HOUR])
    await restart(2 * HOUR, 0)
    expect([left(), await warden.AuditLogRepository.count({ action: 'OWNER_PROBATION_ENDED' })]).toEqual([[], 1])
  })

  test('is said by role why', async () => {
    const { warden } = await open([OWNER, OWNER2])
    for (const command of [`role promote ${NEW} OWNER`, `role demote ${OWNER2} ADMIN`, `audit erase ${STRANGER}`])
      expect(await warden.ask(OWNER, `!config role why ${OWNER} ${command}`)).toContain(
        'Another owner has to confirm it',
      )
    for (const command of [`role promote ${NEW} ADMIN`, `user block ${OWNER2}`])
      expect(await warden.ask(OWNER, `!config role why ${OWNER} ${command}`)).not.toContain('Another owner')
  })

  test('is what was asked for, or nothing: a role that changed meanwhile is asked about again', async () => {
    const { warden, say } = await open([OWNER, OWNER2])
    await say(OWNER, `role promote ${NEW} ADMIN`)
    const code = codeFor(await say(OWNER, `role promote ${NEW} OWNER`), OWNER2)
    await say(OWNER2, `role revoke ${NEW}`)
    const answer = await say(OWNER2, `confirm ${code}`)
    expect([answer.status, await roleOf(warden, NEW)]).toEqual(['usage', 'USER'])
    expect(textOf(answer)).toContain(`has changed since it was asked for, so nothing was done: ${NEW}: ADMIN → OWNER`)
  })

  test.each<[string, string, (opened: Opened) => Promise<unknown>, (opened: Opened) => Promise<unknown>]>([
    [
      'a role',
      `role demote ${OWNER2} USER`,
      async () => {},
      async ({ warden }) => {
        await confirmed(warden, `role demote ${OWNER2} ADMIN`, OWNER3, OWNER)
        await confirmed(warden, `role promote ${OWNER2} OWNER`, OWNER3, OWNER)
      },
    ],
    [
      'a block',
      `user unblock ${OWNER2}`,
      ({ say }) => say(OWNER3, `user block ${OWNER2} for 1h`),
      async ({ say }) => {
        await say(OWNER3, `user unblock ${OWNER2}`)
        await say(OWNER3, `user block ${OWNER2} "really stolen"`)
      },
    ],
    [
      'a block that is replaced',
      `user block ${OWNER2} for 1m`,
      ({ say }) => say(OWNER3, `user block ${OWNER2} for 1h`),
      ({ say }) => say(OWNER3, `user unblock ${OWNER2}`),
    ],
    [
      'a hold',
      `audit hold remove ${STRANGER}`,
      ({ say }) => say(OWNER, `audit hold add ${STRANGER}`),
      async ({ warden, say }) => {
        await confirmed(warden, `audit hold remove ${STRANGER}`, OWNER2, OWNER3)
        await say(OWNER2, `audit hold add ${STRANGER} case 2`)
      },
    ],
    [
      'a setting',
      'set retention-days 30',
      async () => {},
      async ({ warden, say }) => {
        await say(OWNER2, 'set retention-days 365')
        await confirmed(warden, 'set retention-days 90', OWNER2, OWNER3)
      },
    ],
    [
      'an account',
      `role promote ${NEW} OWNER`,
      ({ say }) => say(OWNER, `role promote ${NEW} ADMIN`),
      async ({ warden, say }) => {
        const as = (id: string) =>
          warden.say('', '!config role list', { source: 'whatsapp', sender: { id, phone: NEW } })
        await as('800001@lid')
        await as(LID)
        expect((await say(OWNER, `role confirm ${NEW}`)).status).toBe('answered')
      },
    ],
  ])('is of %s as it was, and not as it was made again', async (_what, command, prepare, meanwhile) => {
    const opened = await open([OWNER, OWNER2, OWNER3])
    await prepare(opened)
    const code = codeFor(await opened.say(OWNER, command), OWNER3)
    await meanwhile(opened)
    const { warden } = opened
    const state = () =>
      ['users', 'accounts', 'blocks', 'audit_holds', 'settings'].map((it) => warden.sql(`SELECT * FROM ${it}`))
    const before = state()
    const late = await opened.say(OWNER3, `confirm ${code}`)
    expect([late.status, state()]).toEqual(['usage', before])
    expect(textOf(late)).toMatch(/has (?:been )?changed since/)
  })

  test('also by a name that the platform has for an owner and no entry yet', async () => {
    const { warden, say } = await open([OWNER, OWNER2, OWNER3])
    const lid = `whatsapp:${LID}`
    platformSays(warden, lid, OWNER2, 0)
    for (const name of [lid, OWNER2]) {
      const blocking = await say(OWNER, `user block ${name}`)
      expect(blocking.replies.map(({ audience }) => audience)).toContainEqual({ account: OWNER3 })
      for (const command of [`user unblock ${lid}`, `user block ${lid} for 1m`, `user unblock ${OWNER2}`])
        expect(noteTo(await say(OWNER3, command), OWNER)?.text).toContain('!config confirm')
      expect(warden.sql('SELECT until FROM blocks')).toEqual([{ until: null }])
      expect((await say(OWNER, `user unblock ${name}`)).status).toBe('answered')
      expect(warden.sql('SELECT * FROM blocks')).toEqual([])
    }
  })

  test('and what whoever runs the bot decided an operator does not undo', async () => {
    const { warden, say } = await open([OWNER, OWNER2, OWNER3])
    await say(OWNER3, `user block ${OWNER2} for 1h`)
    await say(OWNER, `user block ${OWNER2} for 2h`)
    const [request] = await warden.waiting()
    await warden.decide(request?.code ?? '')
    await confirmed(warden, `role demote ${OWNER2} USER`, OWNER, OWNER3)
    await say(OWNER, `role promote ${NEW} OPERATOR`)
    expect((await say(NEW, `user unblock ${OWNER2}`)).status).toBe('denied')
  })

  test('waits side by side with what is asked about somebody else, and not twice about the same', async () => {
    const { warden, say, confirm } = await open([OWNER, OWNER2])
    const first = codeFor(await say(OWNER, `role promote ${NEW} OWNER`), OWNER2)
    const other = codeFor(await say(OWNER, `role promote ${STRANGER} OWNER`), OWNER2)
    const again = codeFor(await say(OWNER, `role promote ${NEW} OWNER`), OWNER2)
    expect(await warden.waiting()).toHaveLength(2)
    expect([await confirm(OWNER2, first), await confirm(OWNER2, again), await confirm(OWNER2, other)]).toEqual([
      'not-found',
      'answered',
      'answered',
    ])
  })
})

describe('of two owners', () => {
  test('neither makes the other none to decide alone, but each may step down', async () => {
    const { warden, say, confirm } = await open([OWNER, OWNER2])
    const asked = await say(OWNER, `role demote ${OWNER2} ADMIN`)
    expect((await say(OWNER, `audit erase ${STRANGER}`)).replies).toHaveLength(2)
    expect(await roleOf(warden, OWNER2)).toBe('OWNER')
    expect(await confirm(OWNER2, codeFor(asked, OWNER2))).toBe('answered')
    expect(await roleOf(warden, OWNER2)).toBe('ADMIN')
    // From now on nothing waits.
    await say(OWNER, `role promote ${NEW} OWNER`)
    expect(await roleOf(warden, NEW)).toBe('OWNER')
    await isClean(warden)
  })

  test('one whose telephone is stolen is blocked at once, lifted by who blocked them, and demoted at the command line', async () => {
    const { warden, say } = await open([OWNER, OWNER2])
    expect((await say(OWNER, `user block ${OWNER2}`)).status).toBe('answered')
    expect((await say(OWNER2, 'role list')).status).toBe('blocked')
    expect((await say(OWNER, `role demote ${OWNER2} USER`)).status).toBe('not-found')
    expect(await roleOf(warden, OWNER2)).toBe('OWNER')
    const [request] = await warden.waiting()
    expect(await warden.decide(request?.code ?? '')).toMatchObject({ kind: 'answered' })
    expect(await roleOf(warden, OWNER2)).toBe('USER')
    expect((await say(OWNER, `user unblock ${OWNER2}`)).status).toBe('answered')
    await isClean(warden)
  })

  test('one whom a thief blocks is lifted at the command line, and the thief put out', async () => {
    const { warden, say } = await open([OWNER, OWNER2])
    await say(OWNER2, `user block ${OWNER}`)
    expect((await say(OWNER, 'role list')).status).toBe('blocked')
    const operator = (by: string, text: string) =>
      warden.say('', `!config ${text}`, { source: 'cli', sender: { id: by, operator: 'me@machine' } })
    // As the thief: who blocked may lift it alone.
    expect((await operator(OWNER2, `user unblock ${OWNER}`)).status).toBe('answered')
    expect((await operator(OWNER, `user block ${OWNER2}`)).status).toBe('answered')
    await operator(OWNER, `role revoke ${OWNER2}`)
    const [request] = await warden.waiting()
    expect(await warden.decide(request?.code ?? '')).toMatchObject({ kind: 'answered' })
    expect([await roleOf(warden, OWNER), await roleOf(warden, OWNER2)]).toEqual(['OWNER', 'USER'])
    expect((await say(OWNER, 'role list')).status).toBe('answered')
  })
})

describe('who was made OWNER in the chat', () => {
  const asking = async ({ say }: Opened) => await say(OWNER, 'set retention-days 30')

  test('confirms nothing for a day of running time, and everything after it', async () => {
    const opened = await open([OWNER])
    const { clock, say, confirm } = opened
    // A second number of their own.
    await say(OWNER, `role promote ${NEW} OWNER`)
    expect((await asking(opened)).status).toBe('not-found')
    clock.advance(DAY - 1)
    expect((await asking(opened)).status).toBe('not-found')
    clock.advance(1)
    const asked = await asking(opened)
    expect(await confirm(NEW, codeFor(asked, NEW))).toBe('answered')
  })

  test('not by a code that they got as an owner before', async () => {
    const opened = await open([OWNER, OWNER2, OWNER3])
    const { warden, confirm } = opened
    const code = codeFor(await asking(opened), OWNER2)
    await confirmed(warden, `role demote ${OWNER2} ADMIN`, OWNER, OWNER3)
    await confirmed(warden, `role promote ${OWNER2} OWNER`, OWNER, OWNER3)
    expect(await confirm(OWNER2, code)).toBe('not-found')
    expect(await warden.waiting()).toHaveLength(1)
  })

  test('does not count what ran before', async () => {
    let ran = 0
    const clock = Object.assign(new FakeClock(), { monotonic: () => ran })
    const warden = await openTestWarden({ clock })
    ran += 30 * HOUR
    await warden.say(OWNER, `!config role promote ${NEW} OWNER`)
    clock.advance(25 * HOUR)
    ran += 1000
    expect((await warden.say(OWNER, '!config set retention-days 30')).status).toBe('not-found')
  })

  test('counts only while the bot runs, whatever is done to its clock', async () => {
    let ran = 0
    const clock = Object.assign(new FakeClock(), { monotonic: () => ran })
    const folder = temporaryFolder()
    const env = { OWNER_PHONE_NUMBERS: OWNER }
    const ask = async (warden: TestWarden) => (await warden.say(OWNER, '!config set retention-days 30')).status
    const run = async (hours: number) => {
      ran += hours * HOUR
      clock.advance(hours * HOUR)
    }
    const first = await openTestWarden({ clock, env }, folder)
    await first.say(OWNER, `!config role promote ${NEW} OWNER`)
    await run(12)
    expect(await ask(first)).toBe('not-found')
    // Set forward by ten days, which the monotonic clock knows nothing of; then two days without the bot.
    clock.advance(10 * DAY)
    expect(await ask(first)).toBe('not-found')
    await first.close()
    clock.advance(2 * DAY)
    const second = await openTestWarden({ clock, env }, folder)
    expect(await ask(second)).toBe('not-found')
    await run(11)
    expect(await ask(second)).toBe('not-found')
    await run(1)
    expect(await ask(second)).toBe('answered')
  })

  test('may at once where the configuration names them too', async () => {
    const folder = temporaryFolder()
    const first = await open([OWNER], folder)
    await first.say(OWNER, `role promote ${NEW} OWNER`)
    await first.warden.close()
    const second = await open([OWNER, NEW], folder)
    expect((await asking(second)).status).toBe('answered')
  })
})

describe('a reminder', () => {
  test('goes each day to who has not confirmed, and in the end to who asked', async () => {
    const clock = new FakeClock()
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${OWNER3}`, CHAT: 'whatsapp' }
    const warden = await openTestWarden({ clock, env })
    const { writer } = await openWriter(warden, clock)
    const services = {
      clock,
      texts: english,
      prefix: '!config',
      time: (moment: Date) => moment.toISOString(),
    }
    const remindNow = () => writer.transaction((tx) => remind(tx, 'whatsapp', services))
    const say = (by: string, text: string) => warden.say(by, `!config ${text}`)
    const sent = () => {
      const notes = warden.sql<{ reply: string }>('SELECT reply FROM outbox_messages ORDER BY id')
      warden.sql('DELETE FROM outbox_messages')
      const told = notes.map(({ reply }) => JSON.parse(reply) as { audience: { account: string }; text: string })
      return told.map(({ audience, text }) => [audience.account, text] as const).sort()
    }
    await say(OWNER, `role promote ${NEW} OWNER`)
    const codes = new Map(sent().map(([account, text]) => [account, codeIn(text)]))
    for (const day of [1, 2]) {
      clock.advance(DAY - MINUTE)
      await remindNow()
      expect(sent()).toEqual([])
      clock.advance(MINUTE)
      await Promise.all([remindNow(), remindNow()])
      const reminders = sent()
      expect(
        reminders.map(([account, text]) => [account, codeIn(text)]),
        `day ${day}`,
      ).toEqual([
        [OWNER2, codes.get(OWNER2)],
        [OWNER3, codes.get(OWNER3)],
      ])
      expect(reminders[0]?.[1]).toContain(`${NEW}: new → OWNER`)
    }
    await say(OWNER, `role promote ${STRANGER} OWNER`)
    await say(OWNER, `user block ${OWNER3}`)
    sent()
    clock.advance(DAY)
    await remindNow()
    await remindNow()
    const last = sent()
    // Who is blocked is told nothing more.
    expect(last.map(([account]) => account)).toEqual([OWNER, OWNER2])
    expect(last.slice(0, 1)).toMatchObject([[OWNER, expect.stringContaining('Nobody confirmed in 72 hours')]])
  })
})
