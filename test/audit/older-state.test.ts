import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { OPERATOR, OWNER, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { openAsOwner, withoutTriggers } from '../support/database.ts'
import { report, written } from '../support/numbered-reports.ts'
import { numbered, openWriter } from '../support/writer.ts'

const TABLES = ['audit_logs', 'audit_tiles', 'audit_head']

/** Keeps the state of the trail under a name. */
function keep({ sql }: TestWarden, name: string): void {
  for (const table of TABLES) sql(`CREATE TABLE ${name}_${table} AS SELECT * FROM ${table}`)
}

/** Brings a state back that was kept, as a failover to a server that is behind or a restored snapshot of a disk does. */
function bring({ path }: TestWarden, name: string): void {
  const database = openAsOwner(path)
  const statements = TABLES.flatMap((table) => [
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} SELECT * FROM ${name}_${table}`,
  ])
  withoutTriggers(database, () => {
    database.exec(`BEGIN; ${statements.join('; ')}; COMMIT`)
  })
  database.close()
}

async function openWithOlderState() {
  const lines: string[] = []
  const error = (...said: unknown[]) => {
    const line = String(said.at(-1))
    if (line.startsWith('The database is not the one')) lines.push(line)
  }
  const log = { ...createLogger('silent'), error, warn: () => {}, info: () => {} } as unknown as Logger
  const warden = await openTestWarden({ log })
  expect(await report(warden, 1)).toBe('stored')
  keep(warden, 'older')
  for (const n of [2, 3]) expect(await report(warden, n)).toBe('stored')
  keep(warden, 'newer')
  bring(warden, 'older')
  return { warden, lines }
}

/** What another process appends, which knows of no other state. */
async function appendElsewhere(warden: TestWarden, ...numbers: number[]): Promise<void> {
  const { writer } = await openWriter(warden, systemClock)
  for (const n of numbers) await writer.append(numbered(n))
}

describe('where an older state of the trail lies behind the same address', () => {
  test.each<[string, number[]]>([
    ['and nothing was written to it', []],
    ['which has grown to as many entries', [8, 9]],
    ['which has grown to more entries', [7, 8, 9]],
  ])('%s: all is refused', async (_, elsewhere) => {
    const { warden, lines } = await openWithOlderState()
    await appendElsewhere(warden, ...elsewhere)
    expect(await report(warden, 4)).toBe('spooled')
    const { status, replies } = await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)
    expect([status, replies[0]?.text]).toEqual(['failed', expect.stringContaining('not the one it was, so nothing')])
    await expect(warden.AuditLogRepository.count()).rejects.toMatchObject({ code: 'DATABASE_REPLACED' })
    expect(lines).toEqual([expect.stringMatching(/DATABASE_URL .* older or another .*restore a backup/)])
  })

  test('that is noticed where nobody writes, too, and all goes on when the right one comes back', async () => {
    const { warden, lines } = await openWithOlderState()
    await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1)
    expect(await report(warden, 4)).toBe('spooled')
    bring(warden, 'newer')
    const replayed = async () => {
      await warden.AuditLogger.flush()
      return warden.AuditLogRepository.count().then(
        () => written(warden),
        () => [],
      )
    }
    await expect.poll(replayed, { timeout: 10_000 }).toEqual([1, 2, 3, 4])
    expect((await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)).status).toBe('answered')
    expect(lines).toHaveLength(1)
  })
})

test('what other processes append is no other trail', async () => {
  const warden = await openTestWarden()
  for (const n of [1, 2, 3]) {
    expect(await report(warden, n)).toBe('stored')
    await appendElsewhere(warden, n * 10, n * 10 + 1)
  }
  expect(await report(warden, 4)).toBe('stored')
  expect(written(warden)).toEqual([1, 10, 11, 2, 20, 21, 3, 30, 31, 4])
})
