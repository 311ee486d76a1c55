import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ADMIN, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, child, runNode } from '../support/child.ts'
import { environmentOf } from '../support/database.ts'

const ENTRIES = 200_000

async function fill(warden: TestWarden, entries: number): Promise<void> {
  for (let sent = 0; sent < entries; sent += 10_000)
    await Promise.all(
      Array.from({ length: Math.min(10_000, entries - sent) }, (_, index) =>
        warden.AuditLogger.logUsageQuery({
          performedBy: {
            phoneNumber: `+1555${1_000_000 + ((sent + index) % 5000)}`,
            name: `Somebody with a long name ${index}`,
          },
          queryType: `costs of ${'x'.repeat(150)}`,
        }),
      ),
    )
}

test(`an export of ${ENTRIES} entries through the terminal is complete, valid JSON and newest first`, async () => {
  const warden = await openTestWarden()
  await fill(warden, ENTRIES)
  const expected = await warden.AuditLogRepository.count()
  await warden.close()
  for (const [args, input, saved] of [
    [['start'], '!config audit export 365\n', 'exports'],
    [['say', '--out', 'saved', '!config audit export 365'], '', 'saved'],
  ] as const) {
    const cwd = temporaryFolder()
    const env = { ...environmentOf(warden.path), AUDIT_CLEANUP_CRON: '0 0 1 1 *' }
    const memory = ['--require', child('print-memory.cjs')]
    const started = performance.now()
    const { code, stdout, stderr } = await runNode([...memory, CLI, ...args], {
      cwd,
      env,
      input,
      timeout: 300_000,
      isLong: true,
    })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Audit Log Export Complete') })
    const [name = ''] = readdirSync(join(cwd, saved))
    const entries: { seq: number }[] = JSON.parse(readFileSync(join(cwd, saved, name), 'utf8'))
    expect(entries.length).toBeGreaterThanOrEqual(expected)
    expect(entries.every(({ seq }, index) => seq === entries.length - 1 - index)).toBe(true)
    const peak = Number(/maxRSS=(\d+)/.exec(stderr)?.[1]) / 1024
    const seconds = (performance.now() - started) / 1000
    console.log(`${args[0]}: ${entries.length} entries in ${seconds.toFixed(1)} s, peak RSS ${peak.toFixed(0)} MiB`)
  }
})

test('no reply is above 4,000 characters with 10,000 users and 100,000 entries', async () => {
  const warden = await openTestWarden()
  await fill(warden, 100_000)
  warden.sql(`
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
    INSERT INTO users (id, name, role, created_at, updated_at)
    SELECT 'user-' || i, 'A name of considerable length ' || i,
      CASE i % 4 WHEN 0 THEN 'OWNER' WHEN 1 THEN 'ADMIN' WHEN 2 THEN 'OPERATOR' ELSE 'USER' END, 0, 0 FROM n`)
  warden.sql(`
    INSERT INTO accounts (account, user_id, proof, since)
    SELECT '+491' || (5000000000 + CAST(substr(id, 6) AS INTEGER)), id, 'given', 0 FROM users WHERE id LIKE 'user-%'`)
  const lengths: number[] = []
  for (const command of [
    'help',
    'role list',
    'audit list 365',
    'more',
    `audit user +15551000001`,
    'more',
    'audit category ADMIN',
    'audit mine',
    'role info +4915000000001',
  ])
    for (const who of [OWNER, ADMIN]) {
      const { status, replies } = await warden.say(who, `!config ${command}`)
      expect(status).toBe('answered')
      lengths.push(...replies.map(({ text }) => text.length))
    }
  console.log(`longest reply: ${Math.max(...lengths)} characters`)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(4000)
})
