import { expect, test } from 'vitest'
import { child, startNode } from '../support/child.ts'
import { ownTrail } from '../support/own-trail.ts'

const SECONDS = Number(process.env.SOAK_ROUNDS ?? 200) < 100 ? 5 : 20
const NAMES = ['a', 'b', 'c', 'd']

interface Logged {
  readonly results: Record<string, number>
  readonly waits: readonly number[]
}

test(`of four processes that log as fast as they can for ${SECONDS} s each gets its share, and none waits for long`, async () => {
  const trail = await ownTrail()
  const loggers = NAMES.map((name) =>
    startNode([child('log-for.mjs'), name, String(SECONDS * 1000)], { env: trail.env }),
  )
  for (const logger of loggers) expect(await logger.line()).toBe('ready')
  for (const logger of loggers) logger.send('go')
  const logged = await Promise.all(loggers.map(async (logger): Promise<Logged> => JSON.parse(await logger.line())))
  const total = logged.reduce((sum, { waits }) => sum + waits.length, 0)
  const rows = await trail.server.ask<{ service: string }>(
    "SELECT resource_id AS service FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN' ORDER BY seq",
  )
  // As long as all of them log, none is left out for long: how many entries of others come between two of its own.
  const gaps = NAMES.map((name) => longestGap(rows.map(({ service }) => service === name)))
  console.log(
    `${total} entries, ${Math.round(total / SECONDS)} a second:`,
    logged.map(({ waits, results }, index) => ({
      share: `${Math.round((waits.length / total) * 100)} %`,
      ...results,
      median: `${Math.round(percentile(waits, 0.5))} ms`,
      p99: `${Math.round(percentile(waits, 0.99))} ms`,
      longest: `${Math.round(Math.max(...waits))} ms`,
      entriesOfOthersBetween: gaps[index],
    })),
  )
  for (const { waits, results } of logged) {
    expect(results).toEqual({ stored: waits.length })
    expect(waits.length / total).toBeGreaterThan(0.1)
    expect(Math.max(...waits)).toBeLessThan(5000)
  }
  await trail.verify()
})

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0

function longestGap(own: readonly boolean[]): number {
  const [first, last] = [own.indexOf(true), own.lastIndexOf(true)]
  let longest = 0
  let gap = 0
  for (const isOwn of own.slice(first, last)) {
    gap = isOwn ? 0 : gap + 1
    longest = Math.max(longest, gap)
  }
  return longest
}
