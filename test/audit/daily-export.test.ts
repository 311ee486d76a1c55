import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { jobs } from '../../src/app/jobs.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { DailyExport } from '../../src/audit/export/daily-export.ts'
import { passOverDays } from '../../src/audit/export/exported-day.repository.ts'
import { Exporter } from '../../src/audit/export/exporter.ts'
import { openManifest } from '../../src/audit/export/manifest.ts'
import { createLogger } from '../../src/kernel/log.ts'
import type { ObjectStore } from '../../src/kernel/object-store.ts'
import { openS3 } from '../../src/objects/s3.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { FakeClock, OWNER, OWNER2, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { entriesOf, namesOf, notesIn, openDailyExport } from '../support/daily-export.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { keyOf, openWriter } from '../support/writer.ts'

const REFUSED = 'upload: ECONNREFUSED'

function storeOf(server: S3Server): ObjectStore {
  const store = openS3(server.place)
  onTestFinished(() => store.close())
  return store
}

async function openWithStore(from?: string) {
  const server = await startS3Server()
  const opened = await openDailyExport({ objects: storeOf(server), ...(from && { from }) })
  return { ...opened, server }
}

describe('the export of yesterday', () => {
  test('has the entries of that day in UTC, from its first to its last millisecond', async () => {
    const { log, run, services, days } = await openDailyExport()
    await log('2026-06-13T23:59:59.999Z', 'before')
    await log('2026-06-14T00:00:00.000Z', 'first')
    await log('2026-06-14T23:59:59.999Z', 'last')
    await log('2026-06-15T00:00:00.000Z', 'after')
    await run('2026-06-15T02:00:00.000Z')
    expect(days()).toEqual(['2026-06-14'])
    expect(services('2026-06-14')).toEqual(['first', 'last'])
    await run('2026-06-16T02:00:00.000Z')
    expect(services('2026-06-15')).toEqual(['after'])
  })

  test.each([
    ['2026-03-29', '2026-03-28', '2026-03-30'],
    ['2026-10-25', '2026-10-24', '2026-10-26'],
  ])('is the same in Berlin when the clocks change on %s', async (day, before, after) => {
    const clock = new FakeClock(Date.parse(`${before}T12:00:00Z`))
    const folder = temporaryFolder()
    const env = { AUDIT_EXPORT_DIR: join(folder, 'exports'), TIMEZONE: 'Europe/Berlin' }
    const warden = await openTestWarden({ clock, env }, folder)
    for (const time of [`${before}T23:59:59.999Z`, `${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`, `${after}T00:00Z`]) {
      clock.time = Date.parse(time)
      await warden.AuditLogger.logCircuitBreakerChange({ service: time, state: 'OPEN', failureCount: 1 })
    }
    clock.time = Date.parse(`${after}T02:00:00Z`)
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => entriesOf(warden, 'AUDIT_LOG_EXPORTED'), { timeout: 30_000 }).toHaveLength(2)
    const json = gunzipSync(readFileSync(join(folder, 'exports', day, `audit-logs-${day}.json.gz`))).toString()
    const found = (JSON.parse(json) as { metadata: { service: string } }[]).map(({ metadata }) => metadata.service)
    expect(found).toEqual([`${day}T23:59:59.999Z`, `${day}T00:00:00.000Z`])
  })

  test('is six files for nobody else, which sha256sum and the key of the trail confirm', async () => {
    const { warden, directory, log, run, files } = await openDailyExport()
    await log('2026-06-14T08:00:00Z', 'one')
    await run('2026-06-15T02:00:00Z')
    expect(files('2026-06-14')).toEqual(namesOf('2026-06-14'))
    const folder = join(directory, '2026-06-14')
    for (const path of [directory, folder]) expect(statSync(path).mode & 0o777).toBe(0o700)
    for (const name of namesOf('2026-06-14')) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    for (const name of namesOf('2026-06-14').filter((each) => each.endsWith('.sha256'))) {
      const { status, stdout } = spawnSync('sha256sum', ['--check', '--strict', name], { cwd: folder })
      expect([status, `${stdout}`]).toEqual([0, `${name.replace('.sha256', '')}: OK\n`])
    }
    const note = readFileSync(join(folder, 'audit-logs-2026-06-14.json.gz.manifest'), 'utf8')
    const { fields } = openManifest(note, [keyOf(warden.path).current().verifier])
    expect(fields).toMatchObject({ entries: 1, compression: 'gzip', 'time-zone': 'UTC', 'exported-by': 'SYSTEM' })
  })

  test('is an entry for each file, which the day after has', async () => {
    const { warden, directory, log, run } = await openDailyExport()
    await log('2026-06-14T08:00:00Z', 'one')
    await run('2026-06-15T02:00:00Z')
    const sidecar = (extension: string) =>
      readFileSync(join(directory, '2026-06-14', `audit-logs-2026-06-14.${extension}.sha256`), 'utf8').slice(0, 64)
    const filters = { since: '2026-06-14T00:00:00.000Z', until: '2026-06-14T23:59:59.999Z' }
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toEqual(
      ['csv', 'json.gz'].map((format) => ({
        account: 'SYSTEM',
        source: 'system',
        metadata: {
          format,
          recordCount: 1,
          filters,
          file: `audit-logs-2026-06-14.${format}`,
          sha256: sidecar(format),
          by: 'directory',
        },
      })),
    )
    await run('2026-06-16T02:00:00Z')
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED').map(({ metadata }) => metadata.recordCount)).toEqual([1, 1, 2, 2])
  })

  test('of a day without entries has none, and is there', async () => {
    const { directory, run } = await openDailyExport()
    await run('2026-06-15T02:00:00Z')
    const read = (name: string) => readFileSync(join(directory, '2026-06-14', `audit-logs-2026-06-14.${name}`))
    expect(read('csv').toString().trimEnd().split('\r\n')).toHaveLength(1)
    expect(JSON.parse(gunzipSync(read('json.gz')).toString())).toEqual([])
  })
})

describe('a day is exported once', () => {
  test('and not before two o’clock', async () => {
    const { daily, at, run, days } = await openDailyExport()
    await run('2026-06-15T02:00:00Z')
    at('2026-06-16T01:45:00Z')
    expect(await daily.isDue()).toBe(false)
    await daily.run()
    expect(days()).toEqual(['2026-06-14'])
    at('2026-06-16T02:00:00Z')
    expect(await daily.isDue()).toBe(true)
  })

  test('after days of downtime, each of them', async () => {
    const { warden, log, run, days, services } = await openDailyExport()
    await run('2026-06-13T02:00:00Z')
    await log('2026-06-13T10:00:00Z', 'one')
    await log('2026-06-15T10:00:00Z', 'three')
    await run('2026-06-16T11:30:00Z')
    expect(days()).toEqual(['2026-06-12', '2026-06-13', '2026-06-14', '2026-06-15'])
    expect(days().map(services)).toEqual([[], ['one'], [], ['three']])
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(8)
  })

  test('after a long downtime, no more days than are kept', async () => {
    const { run, days } = await openDailyExport({ keepDays: 3 })
    await run('2026-06-13T02:00:00Z')
    await run('2026-08-01T02:00:00Z')
    expect(days()).toEqual(['2026-07-29', '2026-07-30', '2026-07-31'])
  })

  test('even if the clock is set back a day, and nothing that is logged then is lost', async () => {
    const { warden, directory, log, run, services } = await openDailyExport()
    await log('2026-06-14T08:00:00Z', 'one')
    await run('2026-06-15T02:00:00Z')
    const path = join(directory, '2026-06-14', 'audit-logs-2026-06-14.json.gz.manifest')
    const before = readFileSync(path, 'utf8')
    await log('2026-06-14T10:00:00Z', 'set back')
    await run('2026-06-15T02:00:00Z')
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(2)
    expect(readFileSync(path, 'utf8')).toBe(before)
    await run('2026-06-16T02:00:00Z')
    expect(services('2026-06-15')).toEqual(['set back'])
  })

  test('again where that was by a clock that was ahead, which keeps no day from being exported', async () => {
    const { warden, clock, log, run, daily, days } = await openDailyExport()
    await run('2026-06-13T02:00:00Z')
    // Ten days ahead.
    await run('2026-06-23T03:00:00Z')
    expect(days()).toHaveLength(11)
    await log('2026-06-13T10:00:00Z', 'right again')
    clock.time = Date.parse('2026-06-14T02:00:00Z')
    expect(await daily.isDue()).toBe(true)
    await daily.run()
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(24)
    expect(await daily.isDue()).toBe(false)
    for (let day = 15; day <= 24; day++) await run(`2026-06-${day}T02:00:00Z`)
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(44)
    expect(await findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })).toEqual([])
  })

  test('with what another process, whose clock is behind, writes meanwhile', async () => {
    const { warden, clock, run, days, services } = await openDailyExport()
    await run('2026-06-12T02:00:00Z')
    clock.time = Date.parse('2026-06-12T23:59:50Z')
    const ahead = new FakeClock(clock.time + 3 * 3_600_000)
    const opened = await openWriter(warden, ahead)
    const exporter = new Exporter(() => openSnapshot(warden.url), keyOf(warden.path), ahead)
    const write = exporter.write.bind(exporter)
    let written = 0
    exporter.write = async (...request: Parameters<typeof write>) => {
      const exported = await write(...request)
      if (++written === 2)
        await warden.AuditLogger.logCircuitBreakerChange({ service: 'late', state: 'OPEN', failureCount: 1 })
      return exported
    }
    const daily = new DailyExport({
      ...opened,
      exporter,
      clock: ahead,
      directory: join(warden.folder, 'exports'),
      keepDays: 30,
      objects: undefined,
      log: createLogger('silent'),
      tell: async () => {},
    })
    await daily.run()
    expect([written, days().map(services)]).toEqual([4, [[], ['late']]])
  })

  test('and not again with fewer entries, where the clock is behind', async () => {
    const { warden, clock, log, run, services } = await openDailyExport()
    await run('2026-06-13T02:00:00Z')
    await log('2026-06-13T10:00:00Z', 'a')
    await log('2026-06-14T10:00:00Z', 'b')
    await run('2026-06-16T12:00:00Z')
    await warden.cleanupExpiredAuditLogs(1)
    clock.time = Date.parse('2026-06-15T12:00:00Z')
    await run('2026-06-15T12:00:00Z')
    expect([services('2026-06-13'), services('2026-06-14')]).toEqual([['a'], ['b']])
  })

  test('and what is taken away afterwards is not written again', async () => {
    const { daily, directory, run, days } = await openDailyExport()
    await run('2026-06-15T02:00:00Z')
    rmSync(join(directory, '2026-06-14'), { recursive: true })
    expect(await daily.isDue()).toBe(false)
    await run('2026-06-15T02:15:00Z')
    expect(days()).toEqual([])
  })

  test('whatever number of processes there are', async () => {
    const { warden, daily, another, at } = await openDailyExport()
    const other = await another()
    at('2026-06-15T02:00:00Z')
    await daily.run()
    expect(await other.isDue()).toBe(false)
    await other.run()
    at('2026-06-16T02:00:00Z')
    // The lease keeps this from happening; without it there is still one day in the trail.
    await Promise.all([daily.run(), other.run()])
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(4)
  })

  test('and one that was begun when the process is to end is left to the next', async () => {
    const { daily, warden, at, days } = await openDailyExport()
    at('2026-06-15T02:00:00Z')
    await expect(daily.run(AbortSignal.abort('ending'))).rejects.toBe('ending')
    expect([days(), entriesOf(warden, 'SCHEDULED_EXPORT_FAILED')]).toEqual([[], []])
    expect(await daily.isDue()).toBe(true)
  })
})

describe('a failure', () => {
  test('of the directory is told to the owners once a day, and the export is made when it can be', async () => {
    const { warden, daily, directory, run, services, log } = await openDailyExport()
    await warden.say(OWNER, `!config role promote ${OWNER2} OWNER`)
    await log('2026-06-14T08:00:00Z', 'one')
    writeFileSync(directory, 'in its place')
    await expect(run('2026-06-15T02:00:00Z')).rejects.toThrow('2026-06-14, export: EEXIST')
    await expect(run('2026-06-15T02:15:00Z')).rejects.toThrow('export: EEXIST')
    const failure = { day: '2026-06-14', reason: 'export: EEXIST' }
    expect(entriesOf(warden, 'SCHEDULED_EXPORT_FAILED').map(({ metadata }) => metadata)).toContainEqual(failure)
    const told = notesIn(warden).filter(({ text }) => text.includes('export: EEXIST'))
    // In whatever order.
    expect(told.map(({ to }) => to).sort()).toEqual([OWNER, OWNER2])
    for (const each of told) expect(each).toMatchObject({ source: 'whatsapp', role: 'OWNER' })
    await expect(run('2026-06-16T02:00:00Z')).rejects.toThrow('export: EEXIST')
    expect(notesIn(warden).filter(({ text }) => text.includes('export: EEXIST'))).toHaveLength(4)
    rmSync(directory)
    expect(await daily.isDue()).toBe(true)
    await run('2026-06-16T02:15:00Z')
    expect(['2026-06-14', '2026-06-15'].map(services)).toEqual([['one'], []])
  })

  test('of the commit leaves the day to be exported again, as a whole', async () => {
    const { warden, run, services, log } = await openDailyExport()
    await log('2026-06-14T08:00:00Z', 'one')
    warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON exported_days BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    await expect(run('2026-06-15T02:00:00Z')).rejects.toThrow('export: AUDIT_UNAVAILABLE')
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toEqual([])
    warden.sql('DROP TRIGGER refuse')
    await run('2026-06-15T02:15:00Z')
    expect(services('2026-06-14')).toEqual(['one'])
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(2)
  })
})

describe('the upload', () => {
  test('has all files of the day as they are', async () => {
    const { server, daily, directory, run } = await openWithStore()
    await run('2026-06-15T02:00:00Z')
    for (const name of namesOf('2026-06-14'))
      expect(readFileSync(server.file(`audit-logs/2026-06-14/${name}`))).toEqual(
        readFileSync(join(directory, '2026-06-14', name)),
      )
    expect(await daily.isDue()).toBe(false)
  })

  test('is made later if the store is away, of the same files, and the owners are told once', async () => {
    const { warden, server, daily, directory, run, files } = await openWithStore()
    await server.stop()
    for (const time of ['02:00', '02:15', '02:30'])
      await expect(run(`2026-06-15T${time}:00Z`)).rejects.toThrow(`2026-06-14, ${REFUSED}`)
    expect(files('2026-06-14')).toEqual(namesOf('2026-06-14'))
    expect(entriesOf(warden, 'SCHEDULED_EXPORT_FAILED').map(({ metadata }) => metadata)).toEqual([
      { day: '2026-06-14', reason: REFUSED },
    ])
    expect(notesIn(warden)).toMatchObject([{ to: OWNER, text: expect.stringContaining(REFUSED) }])
    const manifest = join(directory, '2026-06-14', 'audit-logs-2026-06-14.csv.manifest')
    const before = readFileSync(manifest, 'utf8')
    await server.start()
    expect(await daily.isDue()).toBe(true)
    await run('2026-06-15T02:45:00Z')
    expect(readFileSync(manifest, 'utf8')).toBe(before)
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(2)
    expect(readFileSync(server.file('audit-logs/2026-06-14/audit-logs-2026-06-14.csv.manifest'), 'utf8')).toBe(before)
    expect(await daily.isDue()).toBe(false)
  })

  test('of what does not come back as it was sent has failed', async () => {
    const { server, warden, daily, run } = await openWithStore()
    server.spoils = true
    await expect(run('2026-06-15T02:00:00Z')).rejects.toThrow('upload: what was read back is not what was sent')
    expect(entriesOf(warden, 'SCHEDULED_EXPORT_FAILED')).toHaveLength(1)
    server.spoils = false
    expect(await daily.isDue()).toBe(true)
    await run('2026-06-15T02:15:00Z')
    expect(await daily.isDue()).toBe(false)
  })

  test('with credentials that the store does not know has failed, and the secret is told to nobody', async () => {
    const server = await startS3Server()
    const credentials = { accessKeyId: 'SOMEBODY', secretAccessKey: 'very-secret' }
    const objects = openS3({ ...server.place, credentials })
    onTestFinished(() => objects.close())
    const { warden, run } = await openDailyExport({ objects })
    await expect(run('2026-06-15T02:00:00Z')).rejects.toThrow('InvalidAccessKeyId (HTTP 403)')
    const told = JSON.stringify([entriesOf(warden, 'SCHEDULED_EXPORT_FAILED'), notesIn(warden)])
    expect(told).toContain('InvalidAccessKeyId')
    expect(told).not.toMatch(/SOMEBODY|very-secret/)
  })

  test('of a day whose files are not all there is told, and keeps no other day from being uploaded', async () => {
    const { server, directory, run } = await openWithStore()
    await server.stop()
    await expect(run('2026-06-15T02:00:00Z')).rejects.toThrow(REFUSED)
    rmSync(join(directory, '2026-06-14', 'audit-logs-2026-06-14.csv.sha256'))
    await server.start()
    await expect(run('2026-06-16T02:00:00Z')).rejects.toThrow('2026-06-14, upload: files are missing')
    expect(readFileSync(server.file('audit-logs/2026-06-15/audit-logs-2026-06-15.csv')).length).toBeGreaterThan(0)
  })
})

describe('the clean-up', () => {
  const rows = ({ sql }: Awaited<ReturnType<typeof openDailyExport>>['warden']) =>
    sql<{ day: string }>('SELECT day FROM exported_days ORDER BY day').map(({ day }) => day)

  test('removes the files of days longer ago than are kept, their folders, and nothing else', async () => {
    const { warden, directory, run, days, files } = await openDailyExport({ keepDays: 2 })
    await run('2026-06-13T02:00:00Z')
    await run('2026-06-14T02:00:00Z')
    const others = ['2026-06-12.txt', 'audit-logs-2026-06-12.csv', 'notes', '2026-02-31', '2026-06-10']
    for (const name of others.slice(0, 2)) writeFileSync(join(directory, name), '')
    for (const name of others.slice(2)) mkdirSync(join(directory, name))
    writeFileSync(join(directory, '2026-06-13', 'audit-logs-2026-06-12.csv'), 'of another day')
    writeFileSync(join(directory, '2026-06-13', 'report.csv'), 'not ours')
    writeFileSync(join(directory, '2026-02-31', 'audit-logs-2026-02-31.csv'), 'of no day')
    await run('2026-06-16T02:00:00Z')
    expect(days()).toEqual([
      '2026-02-31',
      '2026-06-12.txt',
      '2026-06-13',
      '2026-06-14',
      '2026-06-15',
      ...others.slice(1, 3),
    ])
    expect(files('2026-06-13')).toEqual(['audit-logs-2026-06-12.csv', 'report.csv'])
    expect(files('2026-02-31')).toEqual(['audit-logs-2026-02-31.csv'])
    expect(files('2026-06-14')).toEqual(namesOf('2026-06-14'))
    expect(rows(warden)).toEqual(['2026-06-14', '2026-06-15'])
  })

  test('removes nothing while the clock is in doubt, nor where to go on', async () => {
    const { warden, clock, run, days, directory } = await openDailyExport({ keepDays: 2 })
    await run('2026-06-12T02:00:00Z')
    await run('2026-06-13T02:00:00Z')
    rmSync(join(directory, '2026-06-11'), { recursive: true })
    const { writer } = await openWriter(warden, clock)
    await writer.append(auditEvent('CLOCK_DOUBTED', SYSTEM, SYSTEM_PLACE, { reason: 'jumped', byMs: 1 }))
    await run('2026-06-16T02:00:00Z')
    expect(days()).toEqual(['2026-06-12', '2026-06-14', '2026-06-15'])
    expect(rows(warden)).toEqual(['2026-06-11', '2026-06-12', '2026-06-14', '2026-06-15'])
    await writer.append(auditEvent('CLOCK_TRUSTED', SYSTEM, SYSTEM_PLACE, { since: 1, by: 'running' }))
    await run('2026-06-16T02:15:00Z')
    expect(days()).toEqual(['2026-06-14', '2026-06-15'])
    expect(rows(warden)).toEqual(['2026-06-14', '2026-06-15'])
  })

  test('of a restored trail passes over what its files have, whatever a clock that was ahead has exported', async () => {
    const { warden, clock, run, daily } = await openDailyExport()
    await run('2026-06-13T02:00:00Z')
    await run('2026-06-23T03:00:00Z')
    clock.time = Date.parse('2026-06-16T12:00:00Z')
    const { writer } = await openWriter(warden, clock)
    await writer.transaction(({ db }) => passOverDays(db, clock.time))
    expect(await daily.isDue()).toBe(false)
    await run('2026-06-17T02:00:00Z')
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(24)
  })

  test('keeps 30 days', async () => {
    const { directory, run, days } = await openDailyExport()
    for (const day of ['2026-06-11', '2026-06-12', '2026-06-13']) {
      mkdirSync(join(directory, day), { recursive: true })
      for (const name of namesOf(day)) writeFileSync(join(directory, day, name), '')
    }
    await run('2026-07-12T02:00:00Z')
    expect(days()).toEqual(['2026-06-12', '2026-06-13', '2026-07-11'])
    await run('2026-07-13T02:00:00Z')
    expect(days()).toEqual(['2026-06-13', '2026-07-11', '2026-07-12'])
  })

  test('leaves what is not known to be in the object store', async () => {
    const server = await startS3Server()
    const { directory, run, days, warden } = await openDailyExport({ objects: storeOf(server), keepDays: 1 })
    await server.stop()
    await expect(run('2026-06-13T02:00:00Z')).rejects.toThrow(REFUSED)
    mkdirSync(join(directory, '2026-06-01'))
    writeFileSync(join(directory, '2026-06-01', 'audit-logs-2026-06-01.csv'), 'never uploaded')
    await expect(run('2026-06-14T02:00:00Z')).rejects.toThrow(REFUSED)
    expect(days()).toEqual(['2026-06-01', '2026-06-12', '2026-06-13'])
    await server.start()
    await run('2026-06-14T02:15:00Z')
    expect(days()).toEqual(['2026-06-01', '2026-06-13'])
    expect(rows(warden)).toEqual(['2026-06-13'])
    expect(readFileSync(server.file('audit-logs/2026-06-12/audit-logs-2026-06-12.csv')).length).toBeGreaterThan(0)
  })
})

describe('the jobs', () => {
  test('export at two o’clock in UTC whatever the time zone, and are there only where there is a directory', async () => {
    const { daily, warden, clock } = await openDailyExport()
    const parts = { config: warden.config, clock, outgoing: '', dailyExport: daily } as unknown
    const found = jobs(parts as Parameters<typeof jobs>[0])
    const exports = found.filter(({ lease }) => lease === 'audit-export')
    expect(exports.map(({ cron, timezone, exclusive }) => ({ cron, timezone, exclusive }))).toEqual([
      { cron: '0 2 * * *', timezone: 'UTC', exclusive: true },
      { cron: '*/15 * * * *', timezone: 'UTC', exclusive: true },
    ])
    const none = jobs({ ...(parts as Parameters<typeof jobs>[0]), dailyExport: undefined })
    expect(none.map(({ name }) => name)).toEqual([
      'audit-checkpoint',
      'clock',
      'audit-cleanup',
      'audit-cleanup-again',
      'stale-files',
      'denial-windows',
      'audit-archive-erasures',
      'confirmation-reminders',
      'new-owners',
    ])
  })

  test('catch up at the start, upload, and tell the owners by WhatsApp what failed', async () => {
    const server = await startS3Server()
    await server.stop()
    const folder = temporaryFolder()
    const env = {
      CHAT: 'whatsapp',
      AUDIT_EXPORT_DIR: join(folder, 'exports'),
      S3_BUCKET: server.place.bucket,
      S3_ENDPOINT: server.place.endpoint,
      S3_ACCESS_KEY_ID: server.place.credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: server.place.credentials.secretAccessKey,
    }
    const warden = await openTestWarden({ clock: new FakeClock(), env }, folder)
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => notesIn(warden), { timeout: 30_000 }).toMatchObject([{ source: 'whatsapp', to: OWNER }])
    await warden.stopAuditLogCleanupScheduler()
    await server.start()
    // What failed does not count as done, so the next start tries again.
    warden.startAuditLogCleanupScheduler()
    const uploaded = () => warden.sql('SELECT 1 FROM exported_days WHERE uploaded_at IS NOT NULL')
    await expect.poll(uploaded, { timeout: 30_000 }).toHaveLength(1)
    expect(entriesOf(warden, 'AUDIT_LOG_EXPORTED')).toHaveLength(2)
  })
})
