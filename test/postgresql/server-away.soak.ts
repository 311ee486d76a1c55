import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { ChatAdapter } from '../../src/chat/adapter.ts'
import { createRateLimiter } from '../../src/guards/rate-limiter.ts'
import { SharedCounter } from '../../src/guards/shared-counter.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { ERRORS } from '../../src/kernel/errors.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { defineSetting } from '../../src/settings/setting.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { RateLimits } from '../../src/storage/rate-limits.ts'
import { openHole } from '../support/black-hole.ts'
import { OPERATOR, OWNER, USER } from '../support/chatwarden.ts'
import { keptLog } from '../support/kept-log.ts'
import { type OwnTrail, ownTrail } from '../support/own-trail.ts'

const AWAY = Number(process.env.SOAK_ROUNDS ?? 200) < 100 ? 10_000 : 60_000
const HANG = AWAY < 60_000 ? 10_000 : 75_000
const LIMIT = 3

const messageOf = (sender: string, text: string): IncomingMessage => ({
  id: randomUUID(),
  source: 'api',
  chat: { id: sender, kind: 'private' },
  sender: { id: sender },
  text,
})

const model = defineSetting({ name: 'model', summary: 'X.', schema: z.string(), fallback: 'none', example: 'x' })

async function openBot(trail: OwnTrail) {
  const { lines, log } = keptLog()
  const warden = await trail.open({
    log,
    settings: [model],
    moderate: async (text) => ({ flagged: text === 'bad', categories: text === 'bad' ? ['hate'] : [] }),
  })
  const say = (as: string, text: string) => warden.handle(messageOf(as, text))
  return { warden, say, lines }
}

type Bot = Awaited<ReturnType<typeof openBot>>

/** Asks until it is answered. @returns how long that took. */
async function recovered({ say }: Bot): Promise<number> {
  const since = performance.now()
  await expect.poll(async () => (await say(OWNER, '!config role list')).status, { timeout: 30_000 }).toBe('answered')
  return performance.now() - since
}

const messagesOf = (lines: readonly string[]) =>
  lines.map((line) => {
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string } }
    return `${msg}: ${err?.message ?? ''}`
  })

interface Row {
  readonly action: string
  readonly n: string
  readonly observed: string | null
}

/** What is observed, in this order, and how long each took to be kept. */
async function observe({ warden }: Bot, until: number) {
  const observed: string[] = []
  const results = new Map<string, number>()
  let slowest = 0
  for (let n = 0; performance.now() < until; n++) {
    const since = performance.now()
    const who = { phoneNumber: USER, role: 'USER' as const }
    const kind = ['denied', 'limited', 'flagged'][n % 3]
    const result = await (kind === 'denied'
      ? warden.AuditLogger.logPermissionDenied({ user: who, phoneNumber: USER, action: `do ${n}` })
      : kind === 'limited'
        ? warden.AuditLogger.logRateLimitViolation({
            phoneNumber: USER,
            userRole: 'USER',
            limitType: 'user',
            limit: 1,
            consumed: n,
          })
        : warden.AuditLogger.logModerationFlag({ user: who, flaggedCategories: [`c${n}`] }))
    slowest = Math.max(slowest, performance.now() - since)
    results.set(result, (results.get(result) ?? 0) + 1)
    observed.push(String(n))
    await sleep(20)
  }
  return { observed, results, slowest }
}

/** The observations in the trail, in its order. */
async function observedIn({ server }: OwnTrail): Promise<readonly Row[]> {
  return server.ask<Row>(`
    SELECT action, substring(metadata FROM '(?:"do |"c|"consumed":)(\\d+)') AS n,
      metadata::json ->> 'observedAt' AS observed
    FROM audit_logs WHERE action IN ('PERMISSION_DENIED', 'RATE_LIMIT_VIOLATION', 'MODERATION_FLAG') ORDER BY seq`)
}

test(`a server that is away for ${AWAY / 1000} s: what is observed waits in files, commands are refused, and all of it comes back by itself`, async () => {
  const trail = await ownTrail()
  const bot = await openBot(trail)
  const { warden, say, lines } = bot
  expect((await say(OWNER, '!config set model gpt')).status).toBe('answered')
  await say(OWNER, '!config role promote +15550000401 USER')
  await trail.server.stopAtOnce()
  const until = performance.now() + AWAY
  const observing = observe(bot, until)
  const seen = { refused: 0, slowest: 0 }
  while (performance.now() < until) {
    for (const text of [`!config role promote ${OPERATOR} OPERATOR`, '!config role list', '!config audit list 1']) {
      const since = performance.now()
      const { status, replies } = await say(OWNER, text)
      expect({ status, text: replies[0]?.text }).toEqual({
        status: 'failed',
        text: expect.stringContaining(ERRORS.AUDIT_UNAVAILABLE.chat),
      })
      seen.slowest = Math.max(seen.slowest, performance.now() - since)
      seen.refused++
    }
    expect(await warden.admit(messageOf(USER, 'hello'))).toMatchObject({ admitted: false, reason: 'failed' })
    expect(await warden.moderate({ phoneNumber: USER, role: 'USER' }, 'good')).toMatchObject({ flagged: false })
    expect(warden.settings.get(model)).toBe('gpt')
    await sleep(500)
  }
  const { observed, results, slowest } = await observing
  expect([...results.keys()]).toEqual(['spooled'])
  expect(trail.spooled()).toBe(observed.length)
  await trail.server.startAgain()
  const took = await recovered(bot)
  await expect.poll(() => trail.spooled(), { timeout: 30_000 }).toBe(0)
  const rows = await observedIn(trail)
  expect(rows.map(({ n }) => n)).toEqual(observed)
  expect(rows.every(({ observed }) => observed !== null)).toBe(true)
  const moments = rows.map(({ observed }) => observed ?? '')
  expect(moments).toEqual([...moments].sort())
  expect((await say(OWNER, `!config role promote ${OPERATOR} OPERATOR`)).status).toBe('answered')
  expect(warden.settings.get(model)).toBe('gpt')
  await trail.verify()
  console.log(
    `away for ${AWAY / 1000} s: ${observed.length} observed, the slowest kept in ${Math.round(slowest)} ms;`,
    `${seen.refused} commands refused, the slowest in ${Math.round(seen.slowest)} ms; back in ${Math.round(took)} ms;`,
    `${lines.filter((line) => line.includes('wait in files until it does')).length} warnings of files`,
  )
  expect(took).toBeLessThan(10_000)
})

test('rate limits go on while the server is away, counted by the process alone', async () => {
  const trail = await ownTrail()
  const { log, lines } = keptLog()
  const database = await openDatabase(trail.server.url)
  onTestFinished(() => database.close())
  const shared = database.shared
  expect(shared).toBeDefined()
  if (shared === undefined) return
  const counter = new SharedCounter(new RateLimits(shared.aside, systemClock), log)
  const limiter = createRateLimiter({ user: () => LIMIT, global: () => 0, counter })
  const passing = async (who: string) => {
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => limiter.take(who)))
    return verdicts.filter(({ allowed }) => allowed).length
  }
  // On a machine that is busy the server may seem away in the middle of it: then both counts let through what they may.
  expect(await passing('before')).toBeLessThanOrEqual(2 * LIMIT)
  await trail.server.stopAtOnce()
  expect(await passing('away')).toBe(LIMIT)
  expect(await passing('away')).toBe(0)
  await trail.server.startAgain()
  // It is asked again ten seconds after it last gave no answer.
  await sleep(11_000)
  // The first to come finds out that it is back; on a machine that is busy it may seem away once more.
  let round = 0
  const again = async () => {
    await limiter.take(`first ${++round}`)
    return passing(`back ${round}`)
  }
  await expect.poll(again, { timeout: 60_000, interval: 11_000 }).toBe(LIMIT)
  console.log(`rate limits: ${round} rounds until they were shared again`, messagesOf(lines))
  expect(lines.join()).toContain('Rate limits are shared again')
})

test('a reply that is committed when the server goes away is delivered', async () => {
  const trail = await ownTrail()
  const { lines, log } = keptLog()
  const warden = await trail.open({ log })
  const sent: string[] = []
  let write: (message: IncomingMessage) => Promise<void> = async () => {}
  let settled: (outboxId: string) => void = () => {}
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const adapter: ChatAdapter = {
    source: 'whatsapp',
    ended,
    start: async (onMessage) => {
      write = onMessage
    },
    send: async (_, { text, outboxId }) => {
      // Whatever is sent was committed.
      await trail.server.stopAtOnce()
      sent.push(text ?? '')
      if (outboxId !== undefined) settled(outboxId)
    },
    onSettled: (listener) => {
      settled = listener
    },
    stop: async () => end(),
  }
  await warden.serve(adapter)
  const account = '1@lid'
  await write({
    id: randomUUID(),
    source: 'whatsapp',
    chat: { id: account, kind: 'private' },
    sender: { id: account, phone: OWNER, account },
    text: '!config role list',
  })
  expect(sent).toHaveLength(1)
  await sleep(1000)
  await trail.server.startAgain()
  await sleep(7000)
  const kept = await trail.server.ask('SELECT id FROM outbox_messages')
  console.log(`replies that arrived while the server was away, and will be sent again at a start: ${kept.length}`)
  expect(lines.join()).not.toContain('Unhandled')
  expect(sent).toHaveLength(1)
})

test(`a server that hangs for ${HANG / 1000} s: calls end in bounded time, and go on by themselves`, async () => {
  const trail = await ownTrail()
  const bot = await openBot(trail)
  expect((await bot.say(OWNER, '!config role list')).status).toBe('answered')
  trail.server.freeze()
  const since = performance.now()
  const timed = async <T>(work: Promise<T>) => ({ value: await work, ms: performance.now() - since })
  const all = Promise.all([
    timed(bot.warden.AuditLogger.logCircuitBreakerChange({ service: 'hang', state: 'OPEN', failureCount: 1 })),
    timed(bot.say(OWNER, '!config role list').then(({ status }) => status)),
    timed(bot.say(OWNER, `!config role promote ${OPERATOR} OPERATOR`).then(({ status }) => status)),
  ])
  await sleep(HANG)
  trail.server.thaw()
  const ended = await all
  const took = await recovered(bot)
  await expect.poll(() => trail.spooled(), { timeout: 30_000 }).toBe(0)
  console.log(
    `hung for ${HANG / 1000} s:`,
    ended.map(({ value, ms }) => `${value} after ${Math.round(ms)} ms`).join(', '),
    `back in ${Math.round(took)} ms`,
  )
  expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(80_000)
  expect(took).toBeLessThan(15_000)
  await trail.verify()
})

test('a connection into which everything vanishes is given up, and what waited for it is kept', async () => {
  const trail = await ownTrail()
  const hole = await openHole(trail.server.port)
  const warden = await trail.open({ env: { DATABASE_URL: trail.server.urlOf('chatwarden', hole.port) } })
  const event = { service: 'hole', state: 'OPEN', failureCount: 1 } as const
  expect(await warden.AuditLogger.logCircuitBreakerChange(event)).toBe('stored')
  hole.swallow()
  const since = performance.now()
  const result = await warden.AuditLogger.logCircuitBreakerChange({ ...event, failureCount: 2 })
  const took = performance.now() - since
  hole.passAgain()
  await expect.poll(() => trail.spooled(), { timeout: 30_000 }).toBe(0)
  console.log(`into a black hole: ${result} after ${Math.round(took)} ms`)
  expect(['spooled', 'stored']).toContain(result)
  expect(took).toBeLessThan(80_000)
  await trail.verify()
})
