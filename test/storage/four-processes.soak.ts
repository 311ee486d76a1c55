import { describe, expect, test } from 'vitest'
import { openTestWarden } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { environmentOf } from '../support/database.ts'

describe('four processes logging at once', () => {
  test('lose nothing, leave no gap, and the clock of the trail never goes back', async () => {
    const warden = await openTestWarden()
    const env = environmentOf(warden.path)
    const before = await warden.AuditLogRepository.count()
    const names = ['a', 'b', 'c', 'd']
    const loggers = names.map((name) => startNode([child('log-events.mjs'), name, '150'], { env }))
    await Promise.all(loggers.map((logger) => logger.line()))
    for (const logger of loggers) logger.send('go')
    const ended = await Promise.all(loggers.map((logger) => logger.ended()))
    expect(ended.map(({ code, lines, stderr }) => ({ code, lines, stderr }))).toEqual(
      names.map(() => ({ code: 0, lines: ['150'], stderr: '' })),
    )
    const rows = warden.sql<{ seq: number; at: number; service: string; n: number | string }>(
      `SELECT seq, created_at AS at, resource_id AS service,
         metadata->>'failureCount' AS n FROM audit_logs ORDER BY seq`,
    )
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: before + 600 }, (_, seq) => seq))
    expect(rows.every(({ at }, index) => index === 0 || at >= (rows[index - 1]?.at ?? 0))).toBe(true)
    // Each one's own events are there once, in its own order.
    for (const name of names)
      expect(rows.filter(({ service }) => service === name).map(({ n }) => Number(n))).toEqual(
        Array.from({ length: 150 }, (_, n) => n),
      )
    expect(new Set(rows.slice(before, before + 300).map(({ service }) => service)).size).toBeGreaterThan(1)
  })
})
