import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ERRORS } from '../../src/kernel/errors.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { defineSetting } from '../../src/settings/setting.ts'
import { OPERATOR, OWNER, USER } from '../support/chatwarden.ts'
import { keptLog } from '../support/kept-log.ts'
import { type OwnTrail, ownTrail } from '../support/own-trail.ts'

const AWAY = Number(process.env.SOAK_ROUNDS ?? 200) < 100 ? 10_000 : 60_000
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
    env: { RATE_LIMIT_USER: String(LIMIT) },
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
    FROM audit_logs WHERE action IN ('PERMISSION_DENIED', 'RATE_LIMIT_VIOLATION', 'MODERATION_FLAGGED') ORDER BY seq`)
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
