import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 30)

test(`kill -9 at a random moment, ${ROUNDS} rounds: nothing acknowledged is lost, and the trail has no gap`, async () => {
  const folder = temporaryFolder()
  let acknowledgedInAll = 0
  for (let round = 0; round < ROUNDS; round++) {
    const env = { DATABASE_URL: `file:${join(folder, 'chatwarden.db')}`, DATA_DIR: folder }
    const { process: logging, line, ended } = startNode([child('log-until-killed.mjs')], { env })
    const first = await line()
    await sleep(Math.random() * 500)
    logging.kill('SIGKILL')
    await once(logging, 'exit')
    const { lines } = await ended()
    // The last line may be cut by the kill.
    const acknowledged = [first, ...lines].filter((text) => /^\d+$/.test(text)).slice(0, -1)
    acknowledgedInAll += acknowledged.length

    const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: '' } }, folder)
    const rows = warden.sql<{ n: number }>(
      `SELECT json_extract(metadata, '$.failureCount') AS n FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN' AND seq >= ?`,
      roundStart(
        warden.sql<{ seq: number }>(
          `SELECT coalesce(max(seq), -1) AS seq FROM audit_logs WHERE action = 'CONVERSATION_RESET'`,
        ),
      ),
    )
    const stored = new Set(rows.map(({ n }) => String(n)))
    expect(acknowledged.filter((number) => !stored.has(number))).toEqual([])
    const [trail] = warden.sql<{ entries: number; last: number; size: number }>(
      'SELECT count(*) AS entries, max(seq) AS last, (SELECT size FROM audit_head) AS size FROM audit_logs',
    )
    expect(trail).toEqual({ entries: trail?.size, last: (trail?.size ?? 0) - 1, size: trail?.size })
    // Marks where the next round begins, and shows that the file takes entries after the kill.
    expect(await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: '+15550000101' } })).toBe(
      'stored',
    )
    await warden.close()
  }
  console.log(`${ROUNDS} rounds of kill -9: ${acknowledgedInAll} acknowledged, 0 lost`)
})

const roundStart = (rows: readonly { seq: number }[]): number => (rows[0]?.seq ?? -1) + 1
