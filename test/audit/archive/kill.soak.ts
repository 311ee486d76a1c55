import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openManifest } from '../../../src/audit/export/manifest.ts'
import { verifyExport } from '../../../src/audit/export/verify-export.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import { archivesIn, DAYS, entriesIn, erase, filesIn, log, seqs } from '../../support/archiving.ts'
import { FakeClock, openTestWarden, temporaryFolder, USER } from '../../support/chatwarden.ts'
import { child, runNode } from '../../support/child.ts'
import { copyFolder, testDatabase } from '../../support/database.ts'
import { envOf } from '../../support/killed-writers.ts'
import { findingsIn, keyIn } from '../../support/tamper.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 60)
const ENTRIES = 1200
const ERASED = '+15550000777'
const BEGIN = Date.parse('2026-06-14T12:00:00Z')
const DUE = BEGIN + (DAYS + 1) * DAY
const ENV = { AUDIT_ARCHIVE: 'on', AUDIT_LOG_RETENTION_DAYS: String(DAYS) }

/** A trail with entries that are to be archived, to be copied; of two years, as they become two archives. */
async function prepare() {
  const folder = temporaryFolder()
  const clock = new FakeClock(Date.parse('2025-12-31T12:00:00Z'))
  const warden = await openTestWarden({ clock, env: ENV }, folder)
  await log(warden, ENTRIES / 2)
  clock.time = BEGIN
  await log(warden, ENTRIES / 2)
  await warden.close()
  return { folder, seqs: seqs(warden) }
}

/** The same, with an archive that has somebody in it who is erased since. */
async function prepareErased() {
  const folder = temporaryFolder()
  const clock = new FakeClock(Date.parse('2025-12-31T12:00:00Z'))
  const warden = await openTestWarden({ clock, env: ENV }, folder)
  await log(warden, 50, ERASED)
  await log(warden, ENTRIES / 2)
  clock.advance((DAYS + 1) * DAY)
  await warden.cleanupExpiredAuditLogs()
  clock.time = BEGIN
  await log(warden, ENTRIES / 2)
  await erase(warden, ERASED)
  await warden.close()
  const archived = entriesIn(`${testDatabase(folder).path}.archive`).filter(({ account }) => account !== ERASED)
  return { folder, seqs: [...seqs(warden), ...archived.map(({ seq }) => seq)] }
}

/** Every archive that has its own name is what was signed. */
async function checkArchives(directory: string, folder: string): Promise<void> {
  for (const name of archivesIn(directory)) {
    const path = join(directory, name)
    const manifest = readFileSync(`${path}.manifest`, 'utf8')
    const keys = [keyIn(folder)]
    expect(openManifest(manifest, keys).fields.file).toBe(name.slice(5))
    expect((await verifyExport({ path, manifest, keys })).findings).toEqual([])
    expect(existsSync(`${path}.sha256`)).toBe(true)
  }
}

test.each([
  ['a clean-up', prepare],
  ['one that also erases from an archive', prepareErased],
])(
  'kill -9 before any step of %s removes nothing that is in no archive, and the next one ends it',
  async (_, begin) => {
    const template = await begin()
    let killed = 0
    for (let nth = 1; nth <= ROUNDS; nth++) {
      const folder = temporaryFolder()
      copyFolder(template.folder, folder)
      const { path } = testDatabase(folder)
      const directory = `${path}.archive`
      const env = { ...envOf(folder), ...ENV, LOG_LEVEL: 'silent' }
      const ended = await runNode([child('archive-until-killed.mjs'), `${nth}`, `${DUE}`, path], { env })
      expect({ nth, stderr: ended.stderr }).toEqual({ nth, stderr: '' })
      // What replaces an archive gets its three names one after the other.
      if (begin === prepare) await checkArchives(directory, folder)
      const clock = new FakeClock(DUE + DAY)
      const warden = await openTestWarden({ clock, env: ENV }, folder)
      const lost = () => {
        const there = new Set([...seqs(warden), ...entriesIn(directory).map(({ seq }) => seq)])
        return template.seqs.filter((seq) => !there.has(seq))
      }
      expect({ nth, lost: lost() }).toEqual({ nth, lost: [] })
      // The one that was killed may not have got to say that its clock is right.
      await warden.say(USER, 'hello', { sentAt: new Date(clock.time) })
      await warden.cleanupExpiredAuditLogs()
      expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(0)
      await warden.close()
      expect(lost()).toEqual([])
      await checkArchives(directory, folder)
      expect(entriesIn(directory).filter(({ account }) => account === ERASED)).toEqual([])
      expect(filesIn(directory).filter((name) => name.includes('.partial'))).toEqual([])
      expect(await findingsIn(path, { keys: [keyIn(folder)], now: clock.time })).toEqual([])
      if (ended.signal === null) break
      killed++
    }
    console.log(`killed before each of ${killed} steps: nothing lost, no half archive, and the next clean-up ends it`)
    expect(killed).toBeGreaterThan(Math.min(ROUNDS, 15) - 1)
  },
)
