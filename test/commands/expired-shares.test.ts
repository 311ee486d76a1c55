import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CommandContext } from '../../src/commands/command.ts'
import { ExpiredShares } from '../../src/commands/expired-shares.ts'
import { handOverAlone } from '../../src/commands/hand-over.ts'
import { SharedObjects } from '../../src/commands/shared-object.repository.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { openS3 } from '../../src/objects/s3.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { english } from '../../src/text/english.ts'
import { FakeClock, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { keptLog } from '../support/kept-log.ts'
import { startS3Server } from '../support/s3-server.ts'

/** A store with a file that somebody may fetch for 15 minutes. */
async function openShared() {
  const server = await startS3Server()
  const folder = temporaryFolder()
  const clock = new FakeClock()
  const { accessKeyId, secretAccessKey } = server.place.credentials
  const env = {
    S3_BUCKET: server.place.bucket,
    S3_ENDPOINT: server.place.endpoint,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const warden = await openTestWarden({ clock, env }, folder)
  const database = await openDatabase(warden.url)
  const objects = openS3(server.place)
  onTestFinished(async () => {
    objects.close()
    await database.close()
  })
  const shared = new SharedObjects(database)
  const { lines, log } = keptLog()
  const share = async (key: string) => {
    writeFileSync(join(folder, 'file'), 'an export')
    await shared.save(key, new Date(clock.now() + 15 * MINUTE))
    await objects.put(key, join(folder, 'file'))
  }
  const known = () => warden.sql<{ key: string }>('SELECT key FROM shared_objects ORDER BY key').map(({ key }) => key)
  const expired = new ExpiredShares(objects, shared, clock, log)
  const isThere = (key: string) => existsSync(server.file(key))
  return { server, clock, warden, share, known, expired, lines, isThere, folder, shared }
}

test('what was shared is there until its time is up, then it is gone and forgotten, in every process', async () => {
  const { clock, share, known, expired, isThere, warden, server } = await openShared()
  await share('shared/1/a.csv')
  clock.advance(10 * MINUTE)
  await share('shared/2/b.csv')
  server.requests.length = 0
  clock.advance(5 * MINUTE - 1)
  await expired.remove()
  expect(server.requests).toEqual([])
  clock.advance(1)
  await Promise.all([expired.remove(), expired.remove()])
  expect([isThere('shared/1/a.csv'), isThere('shared/2/b.csv'), known()]).toEqual([false, true, ['shared/2/b.csv']])
  clock.advance(10 * MINUTE)
  warden.startAuditLogCleanupScheduler()
  await expect.poll(() => known()).toEqual([])
  expect(isThere('shared/2/b.csv')).toBe(false)
})

test('what was shared by a clock that was ahead is gone when that is put right', async () => {
  const { clock, share, known, expired, isThere } = await openShared()
  clock.advance(120 * DAY)
  await share('shared/1/a.csv')
  clock.advance(-120 * DAY)
  await share('shared/2/b.csv')
  await expired.remove()
  expect([isThere('shared/1/a.csv'), known()]).toEqual([false, ['shared/2/b.csv']])
})

test('what cannot be removed is tried again, and logged once an hour', async () => {
  const { clock, share, known, expired, isThere, server, lines } = await openShared()
  await share('shared/1/a.csv')
  await share('shared/2/b.csv')
  clock.advance(15 * MINUTE)
  await server.stop()
  for (let minute = 0; minute < 2; minute++) await expired.remove()
  expect([known().length, lines.length]).toEqual([2, 1])
  expect(lines[0]).toContain('ECONNREFUSED')
  clock.advance(HOUR)
  await expired.remove()
  expect(lines).toHaveLength(2)
  await server.start()
  await expired.remove()
  expect([known(), isThere('shared/1/a.csv')]).toEqual([[], false])
})

test('an upload that takes long is still known at its end, should nothing come after it', async () => {
  const { clock, known, expired, folder, shared } = await openShared()
  // Each file on its way has a folder of its own, which goes with it.
  const path = join(mkdtempSync(join(folder, 'out-')), 'large.csv')
  writeFileSync(path, 'more than a chat takes')
  const during: string[] = []
  const put = async () => {
    clock.advance(20 * MINUTE)
    await expired.remove()
    during.push(...known())
  }
  const objects = { put, link: async () => 'https://store.example/large.csv' }
  const parts = { objects, sharedObjects: shared, clock, texts: english, maxFileBytes: () => 1 }
  const context = { ...parts, caller: { place: { source: 'api' } } } as unknown as CommandContext
  expect(await handOverAlone(context, path, 'text/csv')).toMatchObject({ by: 'link' })
  expect(during).toEqual(known())
  clock.advance(15 * MINUTE)
  await expired.remove()
  expect(known()).toEqual([])
})
