import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/kernel/errors.ts'
import { OPERATOR, OWNER } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { type OwnTrail, ownTrail } from '../support/own-trail.ts'

/** Starts a process that gets `signal` in the middle of a promotion. Resolves when it has. */
async function endHolder(trail: OwnTrail, signal: 'SIGKILL' | 'SIGSTOP') {
  const args = [child('end-in-transaction.mjs'), signal, OWNER, `!config role promote ${OPERATOR} OPERATOR`]
  const holder = startNode(args, { env: trail.env })
  expect(await holder.line()).toBe('ready')
  const isHeld = async () => {
    const [row] = await trail.server.ask<{ held: boolean }>(
      `SELECT count(*) > 0 AS held FROM pg_locks JOIN pg_class ON pg_class.oid = relation
       WHERE relname = 'audit_head' AND mode = 'RowShareLock' AND granted`,
    )
    return row?.held
  }
  if (signal === 'SIGSTOP') await expect.poll(isHeld, { interval: 20 }).toBe(true)
  else await new Promise((resolve) => holder.process.once('exit', resolve))
  return holder
}

const rolesOf = (trail: OwnTrail) =>
  trail.server.ask(`SELECT role FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = '${OPERATOR}')`)

const event = (n: number) => ({ service: 'other', state: 'OPEN', failureCount: n }) as const

test('a process killed while it has the lock of the head keeps nobody from it', async () => {
  const trail = await ownTrail()
  const other = await trail.open()
  await endHolder(trail, 'SIGKILL')
  const since = performance.now()
  expect(await other.AuditLogger.logCircuitBreakerChange(event(1))).toBe('stored')
  const waited = performance.now() - since
  console.log(`after a kill the next one was stored in ${Math.round(waited)} ms`)
  // By time alone the server would take it back after 15 s.
  expect(waited).toBeLessThan(10_000)
  expect(await rolesOf(trail)).toEqual([])
  await trail.verify()
})

test('a process that stands still while it has the lock of the head loses it, and nothing of what it did remains', async () => {
  const trail = await ownTrail()
  const other = await trail.open()
  const holder = await endHolder(trail, 'SIGSTOP')
  const since = performance.now()
  const waits: number[] = []
  const results = await Promise.all(
    Array.from({ length: 3 }, async (_, n) => {
      const result = await other.AuditLogger.logCircuitBreakerChange(event(n))
      waits.push(performance.now() - since)
      return result
    }),
  )
  console.log(`while another stood still: ${results.join()} after ${waits.map(Math.round).join()} ms`)
  // Who waits does not give up before the server takes the lock away.
  expect(results).toEqual(['stored', 'stored', 'stored'])
  expect(Math.max(...waits)).toBeLessThan(32_000)
  await sleep(500)
  holder.process.kill('SIGCONT')
  const { status, text } = JSON.parse(await holder.line())
  expect({ status, text }).toEqual({
    status: 'failed',
    text: expect.stringContaining(ERRORS.AUDIT_UNAVAILABLE.chat),
  })
  expect(await holder.line()).toBe('stored')
  expect(await holder.ended()).toEqual({ code: 0, lines: [], stderr: '' })
  expect(await rolesOf(trail)).toEqual([])
  await trail.verify()
})
