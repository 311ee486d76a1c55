import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ClientLink } from '../../../src/chat/whatsapp/client-link.ts'
import { Identity } from '../../../src/chat/whatsapp/identity.ts'
import { DEADLINE } from '../../../src/chat/whatsapp/link.ts'
import { DAY, HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import { ADMIN, FakeClock, OPERATOR, STRANGER } from '../../support/chatwarden.ts'
import { ALICE, BOB, shareAccount } from '../../support/whatsapp-chat.ts'

const account = shareAccount()
const clock = new FakeClock()
let link: ClientLink
let closing: AbortController
let identity: Identity
let people = 0

/** A LID that no test before had. */
const newLid = (): string => String(700_000 + ++people)

/** How many people were asked about since the last call. */
async function asked(): Promise<number> {
  const all = await account.lookups()
  const news = new Set(all.slice(told))
  told = all.length
  return news.size
}
let told = 0

/** As a process that starts anew: with the database, and nothing else. */
function restart(): void {
  const { accounts } = account.warden.whatsApp
  identity = new Identity({ link, accounts, clock, log: pino({ level: 'silent' }), signal: closing.signal })
}

beforeEach(async () => {
  closing = new AbortController()
  link = new ClientLink(account.client, pino({ level: 'silent' }))
  await link.start()
  restart()
  await asked()
})

afterEach(() => link.stop())

/** The page hangs until the test ends, or says so; a lookup waits its whole time for it, which here takes none. */
async function hang(): Promise<() => Promise<void>> {
  await account.standIn.faults.hang()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const resume = async () => {
    vi.useRealTimers()
    await account.standIn.faults.resume()
  }
  onTestFinished(resume)
  return resume
}

async function afterDeadline<T>(answer: Promise<T>): Promise<T> {
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), 10_000)
  await vi.advanceTimersByTimeAsync(DEADLINE.lookup)
  return answer
}

describe('the phone of an id', () => {
  test.each([
    ['15550001111@c.us', '+15550001111'],
    ['15550001111:3@c.us', '+15550001111'],
    ['120363000000000010@g.us', undefined],
    ['status@broadcast', undefined],
    ['15550001111', undefined],
    ['15550001111@s.whatsapp.net.evil', undefined],
  ])('is in the id itself, or nowhere: %s', async (id, phone) => {
    expect(await identity.phoneOf(id, ALICE)).toBe(phone)
    expect((await identity.whoIs(id)).phone).toBe(phone)
    expect(await asked()).toBe(0)
  })

  test('of a LID is what WhatsApp says', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    expect(await identity.phoneOf(`${lid}@lid`, ALICE)).toBe('+15550007777')
    expect(await identity.whoIs(`${lid}@lid`)).toEqual({ phone: '+15550007777', account: `${lid}@lid` })
  })

  test('is never the digits of a LID, not even if somebody has that number', async () => {
    await account.standIn.person({ phone: '15550008888' })
    await account.standIn.person({ lid: '15550008888' })
    expect(await identity.whoIs('15550008888@lid')).toEqual({})
    expect(await identity.phoneOf('15550008888@lid', ALICE)).toBeUndefined()
  })

  test('of a LID that nobody has is unknown', async () => {
    expect(await identity.whoIs(`${newLid()}@lid`)).toEqual({})
  })
})

describe('what WhatsApp said of a LID', () => {
  test('is asked once, also for many messages at a time', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    const phones = await Promise.all(['', '', ''].map(() => identity.phoneOf(`${lid}@lid`, ALICE)))
    expect(new Set(phones)).toEqual(new Set(['+15550007777']))
    expect((await account.lookups()).filter((id) => id === `${lid}@lid`)).toHaveLength(1)
  })

  test('is in the database for the next process, for a day', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await identity.whoIs(`${lid}@lid`)
    await account.standIn.person({ lid, phone: '15550006666' })
    await asked()
    restart()
    clock.advance(DAY - 1)
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
    expect(await asked()).toBe(0)
    clock.advance(1)
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550006666')
    const saved = account.warden.sql('SELECT phone FROM known_accounts WHERE account = ?', `whatsapp:${lid}@lid`)
    expect(saved).toEqual([{ phone: '+15550006666' }])
  })
})

test('what was told in the future, by a clock that was wrong, is asked again', async () => {
  const lid = newLid()
  await account.standIn.person({ lid, phone: '15550007777' })
  clock.advance(HOUR)
  await identity.whoIs(`${lid}@lid`)
  await asked()
  clock.advance(-HOUR)
  expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  expect(await asked()).toBe(1)
  // And counts from then on.
  await identity.whoIs(`${lid}@lid`)
  expect(await asked()).toBe(0)
})

describe('a phone that WhatsApp hides', () => {
  test('is asked for again after ten minutes, and remembered as nothing', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await account.standIn.hidePhone(lid)
    expect(await identity.whoIs(`${lid}@lid`)).toEqual({})
    expect(account.warden.sql('SELECT * FROM known_accounts WHERE account = ?', `whatsapp:${lid}@lid`)).toEqual([])
    await account.standIn.person({ lid, phone: '15550007777' })
    await asked()
    clock.advance(10 * MINUTE - 1)
    expect(await identity.whoIs(`${lid}@lid`)).toEqual({})
    expect(await asked()).toBe(0)
    clock.advance(1)
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  })

  test('and once was not hidden is the one it was', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await identity.whoIs(`${lid}@lid`)
    await account.standIn.hidePhone(lid)
    clock.advance(DAY)
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  })
})

describe('a device of an account', () => {
  test('is the account, where WhatsApp says so', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    expect(await identity.whoIs(`${lid}:21@lid`)).toEqual({ phone: '+15550007777', account: `${lid}@lid` })
    expect(await account.lookups()).toEqual(expect.arrayContaining([`${lid}:21@lid`, `${lid}@lid`]))
    await asked()
    expect(await identity.whoIs(`${lid}@lid`)).toEqual({ phone: '+15550007777', account: `${lid}@lid` })
    expect((await identity.whoIs(`${lid}:21@lid`)).phone).toBe('+15550007777')
    expect(await asked()).toBe(0)
  })

  test('that WhatsApp says is somebody else is nobody', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await account.standIn.person({ lid: `${lid}:21`, phone: '15550006666' })
    expect(await identity.whoIs(`${lid}:21@lid`)).toEqual({})
    expect(account.warden.sql('SELECT * FROM known_accounts WHERE account = ?', `whatsapp:${lid}@lid`)).toEqual([])
  })

  test('that WhatsApp says is somebody else is nobody, also where the account is known', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await account.standIn.person({ lid: `${lid}:21`, phone: '15550006666' })
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
    expect(await identity.whoIs(`${lid}:21@lid`)).toEqual({})
    expect(await identity.whoIs(`${lid}:21@lid`)).toEqual({})
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  })
})

describe('the account of a number', () => {
  test('is looked up where there is something to gain from the number', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: OPERATOR.slice(1) })
    const who = { phone: OPERATOR, account: `${lid}@lid` }
    expect(await identity.whoIs(`${OPERATOR.slice(1)}@c.us`)).toEqual(who)
    await asked()
    expect(await identity.whoIs(`${OPERATOR.slice(1)}:4@c.us`)).toEqual(who)
    expect(await asked()).toBe(0)
  })

  test('is nothing to WhatsApp and to us for anybody else, and for who is only spoken of', async () => {
    await account.standIn.person({ lid: newLid(), phone: STRANGER.slice(1) })
    expect(await identity.whoIs(`${STRANGER.slice(1)}@c.us`)).toEqual({ phone: STRANGER })
    clock.advance(DAY)
    expect(await identity.phoneOf(`${OPERATOR.slice(1)}@c.us`, ALICE)).toBe(OPERATOR)
    expect(await asked()).toBe(0)
  })
})

test('strangers cause thirty lookups a minute at most, however many they are', async () => {
  const lids = Array.from({ length: 40 }, newLid)
  const all = await Promise.all(lids.map((lid) => identity.whoIs(`${lid}@lid`)))
  expect(await asked()).toBe(30)
  expect(all.filter(({ unverified }) => unverified)).toHaveLength(10)
  clock.advance(MINUTE)
  expect(await identity.whoIs(`${lids[39]}@lid`)).toEqual({})
})

describe('a share of the lookups', () => {
  /** All that strangers who write, and those whom people name, may cause in a minute. */
  const flood = async () => {
    await Promise.all(Array.from({ length: 40 }, () => identity.whoIs(`${newLid()}@lid`)))
    await Promise.all(Array.from({ length: 40 }, (_, n) => identity.phoneOf(`${newLid()}@lid`, `${n}@lid`)))
  }

  test('is for those with a role, whether their number is seen or their account alone', async () => {
    const [lid, other] = [newLid(), newLid()]
    await account.standIn.person({ lid, phone: OPERATOR.slice(1) })
    await account.standIn.person({ lid: other, phone: ADMIN.slice(1) })
    await identity.whoIs(`${other}@lid`)
    clock.advance(DAY)
    await flood()
    await asked()
    expect(await identity.whoIs(`${OPERATOR.slice(1)}@c.us`)).toEqual({ phone: OPERATOR, account: `${lid}@lid` })
    expect(await identity.whoIs(`${other}:3@lid`)).toEqual({ phone: ADMIN, account: `${other}@lid` })
    expect(await asked()).toBeGreaterThanOrEqual(2)
  })

  test('is for each who names others, who may be invented', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    const named = Array.from({ length: 25 }, () => identity.phoneOf(`${newLid()}@lid`, ALICE))
    await Promise.all(named)
    expect(await asked()).toBe(10)
    expect(await identity.phoneOf(`${lid}@lid`, ALICE)).toBeUndefined()
    expect(await identity.phoneOf(`${lid}@lid`, BOB)).toBe('+15550007777')
    // That it was not asked for one says nothing about who writes.
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  })
})

test('the account of a number goes on counting while WhatsApp says nothing', async () => {
  await account.standIn.person({ lid: newLid(), phone: OPERATOR.slice(1) })
  const who = await identity.whoIs(`${OPERATOR.slice(1)}@c.us`)
  expect(who.account).toMatch(/@lid$/)
  clock.advance(7 * DAY)
  restart()
  const resume = await hang()
  expect(await afterDeadline(identity.whoIs(`${OPERATOR.slice(1)}@c.us`))).toEqual(who)
  await resume()
  // By then the number may be somebody else's.
  clock.advance(30 * DAY)
  restart()
  await hang()
  expect(await afterDeadline(identity.whoIs(`${OPERATOR.slice(1)}@c.us`))).toEqual({
    phone: OPERATOR,
    unverified: true,
  })
})

describe('a lookup that fails', () => {
  test('leaves who is unknown nobody, and is tried again after two minutes', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    const resume = await hang()
    expect(await afterDeadline(identity.whoIs(`${lid}@lid`))).toEqual({ unverified: true })
    await resume()
    clock.advance(2 * MINUTE - 1)
    expect(await identity.whoIs(`${lid}@lid`)).toEqual({ unverified: true })
    clock.advance(1)
    expect((await identity.whoIs(`${lid}@lid`)).phone).toBe('+15550007777')
  })

  test('leaves who was known what they were last', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await identity.whoIs(`${lid}@lid`)
    clock.advance(7 * DAY)
    await hang()
    expect((await afterDeadline(identity.whoIs(`${lid}@lid`))).phone).toBe('+15550007777')
  })

  test('for want of a connection waits for one', async () => {
    const lid = newLid()
    await account.standIn.person({ lid, phone: '15550007777' })
    await link.stop()
    link = new ClientLink(account.client, pino({ level: 'silent' }))
    restart()
    const who = identity.whoIs(`${lid}@lid`)
    expect(await asked()).toBe(0)
    await link.start()
    expect((await who).phone).toBe('+15550007777')
  })

  test('waits for no connection when the bot stops', async () => {
    link = new ClientLink(account.client, pino({ level: 'silent' }))
    restart()
    const who = identity.whoIs(`${newLid()}@lid`)
    closing.abort()
    expect(await who).toEqual({ unverified: true })
  })
})
