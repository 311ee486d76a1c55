import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DAILY } from '../../src/audit/export/day-files.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { OWNER } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { ownTrail } from '../support/own-trail.ts'

const PROCESSES = 4
/** In whose writing the leader is killed on that day; '' lets it live. */
const ALL_DAYS = ['AUDIT_RETENTION', '', 'AUDIT_LOG_EXPORTED', '', 'AUDIT_CHECKPOINT_SENT', '', 'AUDIT_RETENTION']
const DAYS = ALL_DAYS.slice(0, Number(process.env.SOAK_ROUNDS ?? ALL_DAYS.length))

test(`four processes run each day’s jobs once on ${DAYS.length} days, whoever is killed in them`, async () => {
  const trail = await ownTrail([], { CHAT: 'whatsapp' })
  const warden = await trail.open()
  const ask = (text: string) =>
    warden.handle({ id: text, source: 'api', chat: { id: OWNER, kind: 'private' }, sender: { id: OWNER }, text })
  expect((await ask('!config audit checkpoint daily')).status).toBe('answered')
  await warden.close()
  const env = { ...trail.env, AUDIT_EXPORT_DIR: join(trail.folder, 'exports') }
  const counts = async () => {
    const rows = await trail.server.ask<{ action: string; count: string }>(
      `SELECT action, count(*) FROM audit_logs
       WHERE action IN ('AUDIT_RETENTION', 'AUDIT_LOG_EXPORTED', 'AUDIT_CHECKPOINT_SENT') GROUP BY action`,
    )
    return Object.fromEntries(rows.map(({ action, count }) => [action, Number(count)]))
  }
  const takeovers: number[] = []
  for (const [day, action] of DAYS.entries()) {
    const marker = join(trail.folder, `killed-${day}`)
    // A little more than a day each time, so that what ended well the day before is due again.
    const ahead = (day + 1) * (DAY + 60_000)
    const start = () => startNode([child('run-jobs.mjs'), String(ahead), action, marker], { env })
    const processes = Array.from({ length: PROCESSES }, start)
    const wanted = {
      AUDIT_RETENTION: day + 1,
      AUDIT_LOG_EXPORTED: (day + 1) * DAILY.length,
      AUDIT_CHECKPOINT_SENT: day + 1,
    }
    await expect.poll(counts, { timeout: 90_000, interval: 1000 }).toEqual(wanted)
    if (action !== '') {
      expect(existsSync(marker)).toBe(true)
      takeovers.push(Date.now() - statSync(marker).mtimeMs)
    }
    // Whoever looks again does so by now.
    await sleep(12_000)
    expect(await counts(), `day ${day}`).toEqual(wanted)
    for (const { process } of processes) process.kill('SIGKILL')
    for (const running of processes) expect((await running.ended()).stderr).toBe('')
  }
  await trail.verify()
  console.log(`${DAYS.length} days; taken over after ${takeovers.map((ms) => `${Math.round(ms / 1000)} s`).join(', ')}`)
  // Of which a second and more are those of a machine that is busy.
  expect(Math.max(...takeovers)).toBeLessThan(60_000)
})
