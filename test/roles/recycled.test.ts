import { describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { entriesIn, findings, openArchiving } from '../support/archiving.ts'
import { ADMIN, FakeClock, OWNER, OWNER2, openTestWarden } from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { idOf } from '../support/people.ts'
import { platformSays } from '../support/platform-says.ts'

const TWO_OWNERS = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
const [FIRST, SECOND] = ['+15550007001', '+15550007002'] as const
const [LID, OTHER] = ['900001@lid', '900002@lid'] as const

type Warden = Pick<Awaited<ReturnType<typeof openTestWarden>>, 'say'>

/** Commands of an owner, and people who write on WhatsApp, each some minutes after the other. */
function acting(warden: Warden, clock: { advance(ms: number): void }) {
  const owner = async (text: string, by: string = OWNER) => {
    clock.advance(11 * MINUTE)
    return (await warden.say(by, `!config ${text}`)).status
  }
  const write = async (lid: string, phone: string | undefined, text = 'audit mine') => {
    clock.advance(11 * MINUTE)
    const sender = { id: lid, ...(phone !== undefined && { phone }) }
    return (await warden.say('', `!config ${text}`, { source: 'whatsapp', sender })).status
  }
  return { owner, write }
}

async function open() {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: TWO_OWNERS })
  const check = () => findings({ warden, clock } as Parameters<typeof findings>[0])
  return { clock, warden, check, ...acting(warden, clock) }
}

describe('verify has nothing to object to', () => {
  test('where somebody was demoted and erased, and their account came with another number', async () => {
    const { warden, owner, write, check } = await open()
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await owner(`role demote ${FIRST} USER`)
    await confirmed(warden, `audit erase ${FIRST}`)
    expect(await check()).toEqual([])
    await owner(`role promote ${SECOND} OPERATOR`)
    expect(await write(LID, SECOND)).toBe('answered')
    expect(await check()).toEqual([])
  })

  test('where retention took what was between', async () => {
    const { warden, owner, write, check, clock } = await open()
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await owner(`role demote ${FIRST} USER`)
    await owner(`role promote ${FIRST} OPERATOR`)
    await owner(`role promote ${FIRST} ADMIN`)
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await check()).toEqual([])
    expect(await write(OTHER, FIRST)).toBe('answered')
    expect(await check()).toEqual([])
  })

  test('where an account went from one person to another, whoever was given a role by it', async () => {
    const { warden, owner, write, check, clock } = await open()
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await owner(`role promote ${LID} ADMIN`)
    await owner(`role promote ${SECOND} OPERATOR`)
    await write(OTHER, SECOND)
    expect(await write(LID, SECOND)).toBe('denied')
    await owner(`role confirm ${SECOND}`)
    await owner(`role promote ${LID} ADMIN`)
    for (const days of [1, 100]) {
      clock.advance(days * DAY)
      await warden.cleanupExpiredAuditLogs()
      expect(await check()).toEqual([])
    }
    // Whoever has the number that was left is not the first.
    expect(await write('900003@lid', FIRST)).toBe('denied')
    await owner(`role confirm ${FIRST}`)
    expect(await write('900003@lid', FIRST)).toBe('answered')
    await owner(`role demote ${FIRST} USER`)
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await check()).toEqual([])
  })

  test.each(['revoke', 'demote'])(
    'where they were named by the account with %s, and retention took the rest',
    async (verb) => {
      const { warden, owner, write, check, clock } = await open()
      await owner(`role promote ${FIRST} OPERATOR`)
      await write(LID, FIRST)
      await owner(`role promote ${LID} ADMIN`)
      await owner(verb === 'revoke' ? `role revoke ${LID}` : `role demote ${LID} USER`)
      clock.advance(100 * DAY)
      await warden.cleanupExpiredAuditLogs()
      expect(await check()).toEqual([])
      const [, user] = [FIRST, idOf(warden, FIRST)]
      warden.sql("INSERT INTO accounts VALUES (?, ?, 'given', NULL, 0)", `whatsapp:${LID}`, user)
      expect(await check()).toMatchObject([{ about: expect.stringContaining(`whatsapp:${LID}`) }])
    },
  )
})

test('an account that was taken away behind the bot’s back is found, and whoever comes next is too late', async () => {
  const { warden, owner, write, check } = await open()
  await owner(`role promote ${FIRST} OPERATOR`)
  await write(LID, FIRST)
  await owner(`role demote ${FIRST} USER`)
  await owner(`role promote ${FIRST} ADMIN`)
  await write(LID, FIRST)
  expect(await check()).toEqual([])
  expect(await write('900666@lid', FIRST, 'role list')).toBe('denied')
  warden.sql('DELETE FROM accounts WHERE account = ?', `whatsapp:${LID}`)
  expect(await check()).toMatchObject([{ about: expect.stringContaining(`person of the account of whatsapp:${LID}`) }])
  // Nobody is the first as long as an owner has been asked who it is.
  expect(await write('900777@lid', FIRST, 'role list')).toBe('denied')
})

test('what is somebody’s stays theirs when another who has their account now is erased, in archives too', async () => {
  const opened = await openArchiving({ env: TWO_OWNERS })
  const { warden, clock, directory, cleanUp } = opened
  const { owner, write } = acting(warden, clock)
  await owner(`role promote ${FIRST} OPERATOR`)
  await write(LID, FIRST)
  await owner(`user status ${LID}`)
  await owner(`role info ${LID}`)
  const first = idOf(warden, FIRST)
  const archived = () =>
    entriesIn(directory).filter((entry) => (entry as unknown as { subjectId: string }).subjectId === first).length
  clock.advance(40 * DAY)
  await cleanUp()
  const before = archived()
  expect(before).toBeGreaterThan(1)
  await owner(`role promote ${SECOND} OPERATOR`)
  await write(OTHER, SECOND)
  await write(LID, SECOND)
  expect(await owner(`role confirm ${SECOND}`)).toBe('answered')
  expect((await confirmed(warden, `audit erase ${SECOND}`)).status).toBe('answered')
  await warden.archiving.erase()
  expect(archived()).toBe(before)
  expect(await findings(opened)).toEqual([])
})

describe('a hold or a block of an account', () => {
  test.each(['audit hold add', 'user block'])('goes to nobody else with it: %s', async (command) => {
    const { warden, owner, write } = await open()
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await owner(`role promote ${SECOND} OPERATOR`)
    await write(OTHER, SECOND)
    await write(LID, SECOND)
    await owner(`${command} ${LID}`)
    const confirm = await warden.say(OWNER, `!config role confirm ${SECOND}`)
    expect(confirm.status).toBe('not-found')
    expect(confirm.replies[0]?.text).toContain('is blocked or under a legal hold')
  })

  test.each([
    ['audit hold add', 'role demote FIRST USER'],
    ['audit hold add', 'role revoke LID'],
    ['audit hold add', 'role confirm FIRST'],
    ['user block', 'role demote FIRST USER'],
    ['user block', 'role confirm FIRST'],
  ])('is not lost with it: %s, then %s', async (command, change) => {
    const { warden, owner, write, check } = await open()
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await write(OTHER, FIRST)
    await owner(`${command} ${LID}`)
    await owner(change.replace('FIRST', FIRST).replace('LID', LID))
    if (command === 'user block') {
      expect(await warden.ask(OWNER, `!config user status ${FIRST}`)).toContain('⛔ Blocked')
      expect(await write(OTHER, FIRST)).toBe('blocked')
    } else expect(await warden.ask(OWNER, `!config audit erase ${FIRST}`)).toContain('under a legal hold')
    expect(await check()).toEqual([])
  })

  test('by one of two names of somebody whom nobody linked is seen and lifted by the other', async () => {
    const { warden, owner, write, check } = await open()
    const ask = (text: string) => warden.ask(OWNER, `!config ${text}`)
    await owner(`role promote ${FIRST} USER`)
    platformSays(warden, `whatsapp:${LID}`, FIRST)
    for (const [blocked, other] of [
      [LID, FIRST],
      [FIRST, LID],
    ]) {
      await owner(`user block ${blocked}`)
      expect(await write(LID, FIRST)).toBe('blocked')
      expect(await ask(`user status ${other}`)).toContain('⛔ Blocked')
      expect(await ask(`role why ${other} audit mine`)).toContain('not allowed')
      expect(await ask(`user unblock ${other}`)).toContain('User Unblocked')
      expect(await write(LID, FIRST)).toBe('answered')
    }
    // Of a number that has an account of its own it says nothing.
    await owner(`role promote ${SECOND} ADMIN`)
    await write(OTHER, SECOND)
    warden.sql('DELETE FROM known_accounts')
    platformSays(warden, `whatsapp:${LID}`, SECOND)
    await owner(`user block ${LID}`)
    expect(await ask(`user status ${SECOND}`)).not.toContain('⛔ Blocked')
    expect(await ask(`user unblock ${SECOND}`)).toContain('is not blocked')
    expect(await write(LID, undefined)).toBe('blocked')
    expect(await check()).toEqual([])
  })

  test('that has ended is not ended again with the account that it was on', async () => {
    const { warden, owner, write, clock } = await open()
    await warden.say(OWNER, `!config role promote ${SECOND} ADMIN`)
    await owner(`user block ${LID} for 1h`, SECOND)
    clock.advance(DAY)
    await confirmed(warden, `role promote ${FIRST} OWNER`)
    expect(await write(LID, FIRST)).toBe('answered')
    expect(await warden.AuditLogRepository.count({ action: 'USER_UNBLOCK' })).toBe(0)
  })

  test('counts by whichever of its names the platform tells', async () => {
    const { warden, owner, write } = await open()
    await owner('user block telegram:42')
    const admit = (sender: { id: string; phone?: string }) =>
      warden.admit({ id: 'x', source: 'telegram', chat: { id: 'g', kind: 'group' }, sender, text: 'hello' })
    for (const sender of [{ id: '42' }, { id: '42', phone: FIRST }])
      expect(await admit(sender)).toMatchObject({ admitted: false, reason: 'blocked' })
    await owner('user unblock telegram:42')
    await owner(`role promote ${FIRST} OPERATOR`)
    await write(LID, FIRST)
    await owner(`user block ${FIRST}`)
    expect(await write(LID, undefined)).toBe('blocked')
  })
})

test('nobody makes a person of their own of an account that is an owner’s by the platform’s word', async () => {
  const { warden, write, check } = await open()
  const lid = `whatsapp:${LID}`
  platformSays(warden, lid, OWNER)
  for (const by of [ADMIN, OWNER2])
    for (const command of [
      `role promote ${lid} USER`,
      `role demote ${lid} USER`,
      `role revoke ${lid}`,
      `whitelist add ${lid}`,
    ]) {
      const answer = await warden.say(by, `!config ${command}`)
      expect([command, answer.status]).toEqual([command, 'usage'])
      expect(answer.replies[0]?.text).toContain(`write ${OWNER}`)
    }
  expect(await write(LID, OWNER, 'audit verify')).toBe('answered')
  expect(await check()).toEqual([])
})

test.each(['@evil:x', `@${'e'.repeat(220)}:x`, '@evil x', ''])(
  'an account that cannot be read is not passed over: %j',
  async (account) => {
    const { warden } = await open()
    const write = async (sender: { id: string; account?: string }) =>
      (await warden.say('', '!config role list', { source: 'matrix', sender: { ...sender, phone: OWNER } })).status
    expect(await write({ id: '-', account: '@o:x' })).toBe('answered')
    expect(await write({ id: account || '-', account })).toBe('denied')
    if (account !== '') expect(await write({ id: account })).toBe('denied')
  },
)

describe('an account of one person that another may be given a role by', () => {
  test.each([['USER'], ['OPERATOR']])('locks no owner out as %s', async (role) => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const { owner, write } = acting(warden, clock)
    expect(await owner(`role promote ${LID} ${role}`, ADMIN)).toBe('answered')
    expect(await owner(`whitelist add ${LID}`, ADMIN)).toBe('answered')
    expect(await write(LID, OWNER, 'role list')).toBe('denied')
    if (role === 'OPERATOR') {
      expect(await owner(`role confirm ${OWNER}`)).toBe('not-found')
      expect(await owner(`role revoke ${LID}`)).toBe('answered')
    }
    expect(await owner(`role confirm ${OWNER}`)).toBe('answered')
    expect(await write(LID, OWNER, 'role list')).toBe('answered')
    const check = () => findings({ warden, clock } as Parameters<typeof findings>[0])
    expect(await check()).toEqual([])
    expect(warden.sql('SELECT 1 FROM users WHERE id NOT IN (SELECT user_id FROM accounts)')).toEqual([])
    clock.advance(100 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await check()).toEqual([])
  })

  test('has that role also where they are a USER by their number', async () => {
    const { owner, write, check } = await open()
    await owner(`role promote ${FIRST} USER`)
    await owner(`role promote ${LID} ADMIN`)
    expect(await write(LID, FIRST, 'role list')).toBe('answered')
    expect(await write(OTHER, FIRST, 'role list')).toBe('denied')
    expect(await check()).toEqual([])
  })
})

test('somebody on two platforms with one number is confirmed on both', async () => {
  const { warden, owner, write, check, clock } = await open()
  await owner(`role promote ${FIRST} ADMIN`)
  expect(await write(LID, FIRST, 'role list')).toBe('answered')
  const elsewhere = async (id: string) => {
    clock.advance(11 * MINUTE)
    const sender = { id, phone: FIRST }
    return (await warden.say('', '!config role list', { source: 'telegram', sender })).status
  }
  expect(await elsewhere('42')).toBe('denied')
  await owner(`role confirm ${FIRST}`)
  expect(await elsewhere('42')).toBe('answered')
  expect(await write(LID, FIRST, 'role list')).toBe('answered')
  expect(await elsewhere('43')).toBe('denied')
  await owner(`role confirm ${FIRST}`)
  expect([await elsewhere('43'), await elsewhere('42')]).toEqual(['answered', 'denied'])
  expect(await check()).toEqual([])
})

test('who may not be named by their id is called by nobody else’s account', async () => {
  const { warden } = await open()
  for (const id of ['+1 555 000 1111', '15550001111 @c.us', 'tel:+15550001111', '‎telegram:42', '00 1 555 000 1111'])
    for (let n = 0; n < 35; n++) {
      const message = {
        id: `${id}${n}`,
        chat: { id: 'g', kind: 'group' },
        sender: { id },
        text: '!config role list',
      } as const
      await warden.handle({ ...message, source: 'telegram' })
    }
  const accounts = warden
    .sql<{ account: string }>('SELECT DISTINCT account FROM audit_logs')
    .map(({ account }) => account)
  for (const account of ['+15550001111', 'telegram:42', 'tel:+15550001111']) expect(accounts).not.toContain(account)
})

test('an account in a host’s own messages is the same one however its platform writes it', async () => {
  const { warden, owner } = await open()
  await owner(`user block ${LID}`)
  for (const id of [LID, `whatsapp:${LID}`, 'whatsapp:900001:21@lid', 'WhatsApp:900001@lid'])
    expect((await warden.say(id, '!config audit mine')).status).toBe('blocked')
  await owner(`role promote ${FIRST} USER`)
  expect((await warden.say(`whatsapp:${FIRST.slice(1)}@c.us`, '!config audit mine')).status).toBe('answered')
})
