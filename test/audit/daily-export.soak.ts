import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openManifest } from '../../src/audit/export/manifest.ts'
import { sidecarText } from '../../src/audit/export/sidecar.ts'
import { HOUR } from '../../src/kernel/clock.ts'
import { FakeClock, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, runNode } from '../support/child.ts'
import { entriesOf, namesOf } from '../support/daily-export.ts'
import { copyFolder, testDatabase } from '../support/database.ts'
import { envOf } from '../support/killed-writers.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 100)
const ENTRIES = 3000
const DAY = '2026-06-14'
const DUE = Date.parse('2026-06-15T02:00:00Z')

/** A trail with entries of that day, to be copied. */
async function prepare(): Promise<string> {
  const folder = temporaryFolder()
  const warden = await openTestWarden({ clock: new FakeClock(Date.parse(`${DAY}T12:00:00Z`)) }, folder)
  const log = (failureCount: number) =>
    warden.AuditLogger.logCircuitBreakerChange({ service: 'a service', state: 'OPEN', failureCount })
  await Promise.all(Array.from({ length: ENTRIES }, (_, n) => log(n)))
  await warden.close()
  return folder
}

/** Every file that has its own name is whole, and so are those that say so. */
function checkFiles(folder: string, trail: string): void {
  const present = existsSync(folder) ? readdirSync(folder) : []
  for (const name of namesOf(DAY).filter((each) => /\.(csv|gz)$/.test(each) && present.includes(each))) {
    const path = join(folder, name)
    const sha256 = hash('sha256', readFileSync(path), 'hex')
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(sidecarText(sha256, path))
    expect(openManifest(readFileSync(`${path}.manifest`, 'utf8'), [keyIn(trail)]).fields.sha256).toBe(sha256)
    if (name.endsWith('.gz'))
      expect(JSON.parse(gunzipSync(readFileSync(path)).toString()).length).toBeGreaterThanOrEqual(ENTRIES)
  }
}

test('kill -9 before any step of an export leaves no half file, and the next run repairs what it left', async () => {
  const template = await prepare()
  let killed = 0
  for (let nth = 1; nth <= ROUNDS; nth++) {
    const folder = temporaryFolder()
    copyFolder(template, folder)
    const [path, exports] = [testDatabase(folder).path, join(folder, 'exports')]
    const env = { ...envOf(folder), AUDIT_EXPORT_DIR: exports, LOG_LEVEL: 'silent' }
    const { signal, stderr } = await runNode([child('export-until-killed.mjs'), `${nth}`, `${DUE}`, path], { env })
    expect({ nth, stderr }).toEqual({ nth, stderr: '' })
    checkFiles(join(exports, DAY), folder)
    // Whoever was killed keeps the lease for an hour.
    const clock = new FakeClock(DUE + 2 * HOUR)
    const warden = await openTestWarden({ clock, env: { AUDIT_EXPORT_DIR: exports } }, folder)
    expect(warden.sql('SELECT 1 FROM exported_days')).toHaveLength(signal === null ? 1 : 0)
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => warden.sql('SELECT day FROM exported_days'), { timeout: 60_000 }).toEqual([{ day: DAY }])
    await warden.close()
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(2)
    expect(readdirSync(join(exports, DAY)).sort()).toEqual(namesOf(DAY))
    checkFiles(join(exports, DAY), folder)
    expect(await findingsIn(path, { keys: [keyIn(folder)], now: clock.time })).toEqual([])
    if (signal === null) break
    killed++
  }
  console.log(`killed before each of ${killed} steps: no half file, and the next run repairs it`)
  expect(killed).toBeGreaterThan(Math.min(ROUNDS, 20) - 1)
})
