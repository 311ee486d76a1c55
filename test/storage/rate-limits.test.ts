import { describe, expect, onTestFinished, test } from 'vitest'
import { forgetConversation } from '../../src/commands/forget-person.repository.ts'
import { createRateLimiter } from '../../src/guards/rate-limiter.ts'
import { SharedCounter } from '../../src/guards/shared-counter.ts'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { PrismaClient } from '../../src/storage/generated/sqlite/client.ts'
import { ImmediateSqlite } from '../../src/storage/immediate-sqlite.ts'
import { forgetRateLimits, RateLimits } from '../../src/storage/rate-limits.ts'
import { FakeClock, openTestWarden, STRANGER, type TestWarden } from '../support/chatwarden.ts'
import { countedTogether } from '../support/counted-together.ts'
import { onPostgres } from '../support/database.ts'

/** Counts of so many processes on one database, each on a connection of its own and by its own clock. */
async function openCounts(clocks: readonly FakeClock[]) {
  const warden = await openTestWarden()
  const counts = await Promise.all(clocks.map((clock) => countsOn(warden, clock)))
  return { warden, counts: counts as [RateLimits, ...RateLimits[]] }
}

async function countsOn({ path, url }: TestWarden, clock: FakeClock): Promise<RateLimits> {
  if (onPostgres) {
    const database = await openDatabase(url)
    onTestFinished(() => database.close())
    return new RateLimits((database.shared as NonNullable<typeof database.shared>).aside, clock)
  }
  const client = new PrismaClient({ adapter: new ImmediateSqlite(path) })
  onTestFinished(() => client.$disconnect())
  return new RateLimits(client, clock)
}

const rows = ({ sql }: TestWarden) => sql('SELECT key, points, expire FROM rate_limits ORDER BY key')

describe('a limit that processes share', () => {
  test('lets exactly so many pass, however many ask at once and wherever', async () => {
    const clock = new FakeClock()
    const { warden, counts } = await openCounts([clock, clock])
    const all = await Promise.all(
      counts.flatMap((each) => Array.from({ length: 50 }, () => each.take('user:ann', MINUTE, 20))),
    )
    expect(
      all
        .filter(({ passed }) => passed)
        .map(({ consumed }) => consumed)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(all.filter(({ passed }) => !passed).every(({ consumed }) => consumed === 20)).toBe(true)
    expect(rows(warden)).toEqual([{ key: 'user:ann', points: 20, expire: clock.time + MINUTE }])
  })

  test('begins a window with its first message, and the next when that has ended', async () => {
    const clock = new FakeClock()
    const { counts } = await openCounts([clock])
    const take = () => counts[0].take('user:ann', MINUTE, 2)
    expect(await take()).toEqual({ passed: true, consumed: 1, msBeforeNext: MINUTE })
    clock.advance(MINUTE / 3)
    expect(await take()).toMatchObject({ passed: true, consumed: 2 })
    expect(await take()).toEqual({ passed: false, consumed: 2, msBeforeNext: (2 * MINUTE) / 3 })
    clock.advance((2 * MINUTE) / 3 - 1)
    expect(await take()).toEqual({ passed: false, consumed: 2, msBeforeNext: 1 })
    clock.advance(1)
    expect(await take()).toEqual({ passed: true, consumed: 1, msBeforeNext: MINUTE })
  })

  test('that is changed counts at once, and what was refused has used nothing up', async () => {
    const clock = new FakeClock()
    const { counts } = await openCounts([clock])
    const passing = async (limit: number, messages: number) => {
      const all = await Promise.all(Array.from({ length: messages }, () => counts[0].take('all', MINUTE, limit)))
      return all.filter(({ passed }) => passed).length
    }
    expect(await passing(2, 30)).toBe(2)
    expect(await passing(5, 30)).toBe(3)
    expect(await passing(3, 5)).toBe(0)
    expect(await passing(Number.MAX_SAFE_INTEGER, 5)).toBe(5)
  })

  test('that is used up costs the database nothing until its window ends', async () => {
    const clock = new FakeClock()
    const { warden, counts } = await openCounts([clock])
    const take = () => counts[0].take('user:ann', MINUTE, 1)
    expect([await take(), await take()]).toMatchObject([{ passed: true }, { passed: false }])
    warden.sql('ALTER TABLE rate_limits RENAME TO elsewhere')
    expect(await take()).toEqual({ passed: false, consumed: 1, msBeforeNext: MINUTE })
    clock.advance(MINUTE)
    await expect(take()).rejects.toThrow(/no such table|does not exist/)
  })

  test('bears clocks that differ a little, and one that was wrong locks nobody out', async () => {
    const [clock, late, wrong] = [new FakeClock(), new FakeClock(), new FakeClock()]
    late.advance(-500)
    wrong.advance(HOUR)
    const { counts } = await openCounts([clock, late, wrong])
    const take = (n: number) => counts[n]?.take('user:ann', MINUTE, 2)
    expect([await take(0), await take(1), await take(0)]).toMatchObject([
      { passed: true },
      { passed: true, consumed: 2 },
      { passed: false },
    ])
    await take(2)
    expect(await take(1)).toMatchObject({ passed: true, consumed: 1, msBeforeNext: MINUTE })
  })

  test('is that of two limiters together, for each sender and for all', async () => {
    const passed = await countedTogether(async (log) => {
      const clock = new FakeClock()
      const { counts } = await openCounts([clock, clock])
      const limiters = counts.map((each) =>
        createRateLimiter({ user: () => 3, global: () => 5, counter: new SharedCounter(each, log) }),
      )
      const passing = async (key: string) => {
        const all = await Promise.all(limiters.flatMap((each) => [1, 2, 3, 4].map(() => each.take(key))))
        return all.filter(({ allowed }) => allowed).length
      }
      return [await passing('ann'), await passing('bob'), await passing('cat')]
    })
    expect(passed).toEqual([3, 2, 0])
  })

  test('is forgotten when its window has long ended', async () => {
    const clock = new FakeClock()
    const { warden, counts } = await openCounts([clock])
    await counts[0].take('user:ann', MINUTE, 2)
    clock.advance(HOUR + MINUTE + 1)
    await counts[0].take('user:bob', MINUTE, 2)
    const database = await openDatabase(warden.url)
    onTestFinished(() => database.close())
    await database.transaction((tx) => forgetRateLimits(tx, clock.time))
    expect(rows(warden)).toMatchObject([{ key: 'user:bob' }])
  })

  test('is forgotten with the person', async () => {
    const { warden, counts } = await openCounts([new FakeClock()])
    const [lid, longer] = ['whatsapp:77700012345@lid', 'whatsapp:177700012345@lid']
    const [id, other] = ['01a2b3c4-0000-7000-8000-00000000abcd', '01a2b3c4-0000-7000-8000-00000000abce']
    const keys = [id, other, STRANGER, `${STRANGER}1`, lid, longer].map((key) => `user:${key}`)
    for (const key of [...keys, 'global:all']) await counts[0].take(key, MINUTE, 2)
    const database = await openDatabase(warden.url)
    onTestFinished(() => database.close())
    await database.transaction((tx) => forgetConversation(tx, { userId: id, accounts: [STRANGER, lid] }))
    expect(rows(warden)).toMatchObject([
      { key: 'global:all' },
      { key: `user:${STRANGER}1` },
      { key: `user:${other}` },
      { key: `user:${longer}` },
    ])
  })
})
