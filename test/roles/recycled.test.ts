import { describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { entriesIn, findings, openArchiving } from '../support/archiving.ts'
import { FakeClock, OWNER, OWNER2, openTestWarden } from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { idOf } from '../support/people.ts'

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

test.each(['@evil:x', `@${'e'.repeat(220)}:x`, '@evil x', ''])(
  'an account that cannot be read is not passed over: %j',
  async (account) => {
    const { warden } = await open()
    const write = async (account: string) => {
      const sender = { id: account || '-', phone: OWNER, account }
      return (await warden.say('', '!config role list', { source: 'matrix', sender })).status
    }
    expect(await write('@o:x')).toBe('answered')
    expect(await write(account)).toBe('denied')
  },
)
