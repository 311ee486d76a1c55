import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Draft } from '../../src/audit/entry/draft.ts'
import { draft } from '../../src/audit/entry/draft.ts'
import { EVENT_TYPES, isReserved, PRIVILEGED } from '../../src/audit/entry/event-types.ts'
import { Observations } from '../../src/audit/write/observations.ts'
import { Spool, type SpoolLimits } from '../../src/audit/write/spool.ts'
import { toLine } from '../../src/audit/write/spool-line.ts'
import { HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { FakeClock, OPERATOR, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { environmentOf, onPostgres, testDatabase } from '../support/database.ts'
import { refuseEntries } from '../support/trail.ts'
import { numbered, openWriter } from '../support/writer.ts'

const silent = createLogger('silent')

const upTo = (length: number, from = 0): number[] => Array.from({ length }, (_, index) => from + index)

const report = ({ AuditLogger }: Pick<TestWarden, 'AuditLogger'>, n: number) =>
  AuditLogger.logCircuitBreakerChange({ service: 'test', state: 'OPEN', failureCount: n })

/** The numbers of the events in the trail, in its order. */
const written = (warden: TestWarden): number[] =>
  warden
    .sql<{ n: number }>(
      `SELECT json_extract(metadata, '$.failureCount') AS n FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN' ORDER BY seq`,
    )
    .map(({ n }) => Number(n))

const gaps = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('AUDIT_GAP')).map(({ metadata }) => JSON.parse(metadata))

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(`${testDatabase(folder).path}.spool`).sort()
  } catch {
    return []
  }
}

const numberedDraft = (n: number): Draft => draft(numbered(n), EVENT_TYPES, Date.now())

/** A spool beside that of an open Chatwarden, as another process would have it. */
async function openSpool(folder: string, limits?: SpoolLimits, log: Logger = silent): Promise<Spool> {
  const spool = new Spool(`${testDatabase(folder).path}.spool`, log, limits)
  await spool.open()
  return spool
}

/** Stands for nobody: who was erased, these tests are not about. */
const hashOf = (text: string) => `not ${text}`

/** What keeps events of another process on the same files. */
async function openObservations(warden: TestWarden, limits?: SpoolLimits) {
  const { writer } = await openWriter(warden, systemClock)
  const observations = new Observations(writer, await openSpool(warden.folder, limits), systemClock, silent, hashOf)
  onTestFinished(() => observations.close())
  return { observations, keep: (n: number) => observations.keep(() => numbered(n)) }
}

describe('while the database takes no entries', () => {
  test('events are on the disk when they are spooled, for nobody else to read', async () => {
    const warden = await openTestWarden()
    refuseEntries(warden)
    expect(await report(warden, 1)).toBe('spooled')
    const [name, ...others] = filesIn(warden.folder)
    expect(others).toEqual([])
    const path = join(`${warden.path}.spool`, name ?? '')
    expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700])
    const [line, end] = readFileSync(path, 'utf8').split('\n')
    expect(end).toBe('')
    expect(JSON.parse(line ?? '')).toMatchObject({ v: 1, action: 'CIRCUIT_BREAKER_OPEN', category: 'SECURITY' })
  })

  test('many that are reported at once share few files', async () => {
    const warden = await openTestWarden()
    refuseEntries(warden)
    await report(warden, 0)
    expect(new Set(await Promise.all(upTo(3000, 1).map((n) => report(warden, n))))).toEqual(new Set(['spooled']))
    expect(filesIn(warden.folder).length).toBeLessThan(12)
  })

  test('the whole outage is one line in the log', async () => {
    const lines: string[] = []
    const log = { error: () => lines.push('error'), warn: () => lines.push('warn'), info: () => lines.push('info') }
    const warden = await openTestWarden({ log: { ...silent, ...log } as unknown as Logger })
    const before = lines.length
    const accept = refuseEntries(warden)
    for (const n of upTo(5)) await report(warden, n)
    await warden.AuditLogger.flush()
    expect(lines.slice(before)).toEqual(['warn'])
    accept()
    await warden.AuditLogger.flush()
    expect(lines.slice(before)).toEqual(['warn', 'info'])
  })

  test('a privileged command is refused as ever, and nothing of it is spooled', async () => {
    const warden = await openTestWarden()
    refuseEntries(warden)
    const { status } = await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)
    expect([status, filesIn(warden.folder)]).toEqual(['failed', []])
  })

  test('a denial is spooled', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    expect((await warden.say(OPERATOR, '!config role list')).status).toBe('denied')
    expect(filesIn(warden.folder)).toHaveLength(1)
    accept()
    await warden.AuditLogger.flush()
    const [denial] = await warden.AuditLogRepository.findByAction('PERMISSION_DENIED')
    expect(JSON.parse(denial?.metadata ?? '')).toMatchObject({ attemptedAction: 'LIST_USERS' })
  })
})

describe('when the database is back', () => {
  test('all are written by themselves, in the order in which they were reported', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    const reports = upTo(50).map((n) => report(warden, n))
    for (const n of upTo(20, 50)) await report(warden, n)
    expect(new Set(await Promise.all(reports))).toEqual(new Set(['spooled']))
    // One that is being tried at this moment would wait for us, and we for it.
    await warden.AuditLogger.flush()
    accept()
    await expect.poll(() => written(warden)).toEqual(upTo(70))
    await expect.poll(() => filesIn(warden.folder)).toEqual([])
    expect(await report(warden, 70)).toBe('stored')
  })

  test('the next commit has them written, and what is reported meanwhile comes behind them', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    for (const n of upTo(30)) await report(warden, n)
    await warden.AuditLogger.flush()
    accept()
    await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: OWNER })
    const results = await Promise.all(upTo(500, 30).map((n) => report(warden, n)))
    expect(results).not.toContain('lost')
    await expect.poll(() => written(warden)).toEqual(upTo(530))
  })

  test('an end comes even where events never cease: they are stored again, all in order', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    let next = 0
    const seen: string[] = []
    let isOver = false
    const orders = upTo(10).map(async () => {
      while (!isOver) seen.push(await report(warden, next++))
    })
    await expect.poll(() => seen.length).toBeGreaterThan(50)
    expect(new Set(seen)).toEqual(new Set(['spooled']))
    await warden.AuditLogger.flush()
    accept()
    await expect.poll(() => seen.at(-1)).toBe('stored')
    isOver = true
    await Promise.all(orders)
    await warden.AuditLogger.flush()
    expect(written(warden)).toEqual(upTo(next))
  })

  test('events that were queued behind the one that failed do not overtake it', async () => {
    const warden = await openTestWarden()
    const { writer } = await openWriter(warden, systemClock)
    const observations = new Observations(writer, await openSpool(warden.folder), systemClock, silent, hashOf)
    const accept = refuseEntries(warden)
    const first = observations.keep(() => numbered(0))
    // Takes its turn after the first has failed, and has the database take entries again.
    const recovery = writer.transaction(
      async (tx) => void (await tx.db.$executeRawUnsafe(`DROP TRIGGER refuse${onPostgres ? ' ON audit_logs' : ''}`)),
    )
    const second = observations.keep(() => numbered(1))
    expect(await Promise.all([first, recovery, second])).toEqual(['spooled', undefined, 'spooled'])
    await observations.close()
    expect(written(warden)).toEqual([0, 1])
    expect(accept).toThrow('no such trigger')
  })

  test('an entry says when it was observed, and is as late in the trail as it came there', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const accept = refuseEntries(warden)
    const observed = clock.time
    await report(warden, 1)
    clock.advance(MINUTE)
    accept()
    await warden.AuditLogger.flush()
    const [entry] = await warden.AuditLogRepository.findByAction('CIRCUIT_BREAKER_OPEN')
    expect(entry?.createdAt.getTime()).toBe(observed + MINUTE)
    expect(entry?.metadata).toBe(
      `{"failureCount":1,"observedAt":"${new Date(observed).toISOString()}","service":"test"}`,
    )
  })

  test('what close does not get written, the next process writes', async () => {
    const folder = temporaryFolder()
    const warden = await openTestWarden({}, folder)
    const accept = refuseEntries(warden)
    for (const n of upTo(3)) await report(warden, n)
    await warden.close()
    expect(filesIn(folder)).toHaveLength(3)
    accept()
    const next = await openTestWarden({}, folder)
    await expect.poll(() => written(next)).toEqual(upTo(3))
  })

  test('close writes them if it can', async () => {
    const folder = temporaryFolder()
    const warden = await openTestWarden({}, folder)
    const accept = refuseEntries(warden)
    for (const n of upTo(3)) await report(warden, n)
    accept()
    await warden.close()
    expect([written(warden), filesIn(folder)]).toEqual([upTo(3), []])
  })
})

describe('an event is never written twice', () => {
  test('though its file comes back', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    await Promise.all(upTo(5).map((n) => report(warden, n)))
    const [name = ''] = filesIn(warden.folder)
    const kept = join(warden.folder, 'kept')
    copyFileSync(join(`${warden.path}.spool`, name), kept)
    await warden.AuditLogger.flush()
    accept()
    await warden.AuditLogger.flush()
    const { observations } = await openObservations(warden)
    for (const again of [name, `${newId()}.5.jsonl`]) {
      copyFileSync(kept, join(`${warden.path}.spool`, again))
      await observations.close()
    }
    const other = await openObservations(warden)
    await other.observations.close()
    expect([written(warden), filesIn(warden.folder)]).toEqual([upTo(5), []])
  })

  test('though several write the same files at once', async () => {
    const warden = await openTestWarden()
    const others = await Promise.all(upTo(3).map(() => openObservations(warden)))
    const accept = refuseEntries(warden)
    for (const n of upTo(40)) await report(warden, n)
    await Promise.all([warden.AuditLogger.flush(), ...others.map(({ observations }) => observations.flush())])
    accept()
    await Promise.all([warden.AuditLogger.flush(), ...others.map(({ observations }) => observations.flush())])
    expect([written(warden), filesIn(warden.folder)]).toEqual([upTo(40), []])
  })

  test('though its commit succeeded and only the word of it was lost', async () => {
    const warden = await openTestWarden()
    const { writer } = await openWriter(warden, systemClock)
    const append = writer.appendDrafts.bind(writer)
    writer.appendDrafts = async (...of) => {
      await append(...of)
      throw new Error('The connection broke after COMMIT.')
    }
    const observations = new Observations(writer, await openSpool(warden.folder), systemClock, silent, hashOf)
    expect(await observations.keep(() => numbered(1))).toBe('spooled')
    await observations.close()
    expect([written(warden), filesIn(warden.folder)]).toEqual([[1], []])
  })
})

describe('another process', () => {
  test('that is killed as soon as it said spooled has lost nothing', async () => {
    const warden = await openTestWarden()
    const env = environmentOf(warden.path)
    const running = startNode([child('log-bursts.mjs')], { env })
    expect(await running.line()).toBe('ready')
    const accept = refuseEntries(warden)
    for (const _ of upTo(5)) {
      running.send('1')
      expect(await running.line()).toBe('["spooled"]')
    }
    running.process.kill('SIGKILL')
    await running.ended()
    accept()
    const { observations } = await openObservations(warden)
    await observations.close()
    expect(written(warden)).toEqual(upTo(5))
  })

  test('writes at its start what this one left', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    const spool = await openSpool(warden.folder)
    for (const n of upTo(3)) await spool.add(numberedDraft(n))
    accept()
    const env = environmentOf(warden.path)
    const running = startNode([child('log-bursts.mjs')], { env })
    expect(await running.line()).toBe('ready')
    await expect.poll(() => written(warden)).toEqual(upTo(3))
    running.process.stdin?.end()
    expect((await running.ended()).code).toBe(0)
  })
})

describe('what cannot even be spooled', () => {
  test.each([
    [
      'a file is in place of the directory',
      (folder: string) => writeFileSync(`${testDatabase(folder).path}.spool`, ''),
    ],
    ['a link leads nowhere', (folder: string) => symlinkSync('nowhere', `${testDatabase(folder).path}.spool`)],
  ])('is lost and counted where %s, and never throws', async (_, prevent) => {
    const folder = temporaryFolder()
    prevent(folder)
    const warden = await openTestWarden({}, folder)
    const accept = refuseEntries(warden)
    expect(await Promise.all(upTo(7).map((n) => report(warden, n)))).toEqual(Array(7).fill('lost'))
    accept()
    expect(await report(warden, 7)).toBe('stored')
    expect(await gaps(warden)).toMatchObject([{ lostCount: 7 }])
    expect(written(warden)).toEqual([7])
  })

  test.each([
    ['events', { events: 10, bytes: 1e9 }, 10],
    ['bytes', { events: 1e9, bytes: 40_960 }, 10],
  ])(
    'is lost and counted where it would be more %s than the limit, and what is there is kept',
    async (_, limits, room) => {
      const warden = await openTestWarden()
      const { observations, keep } = await openObservations(warden, limits)
      const accept = refuseEntries(warden)
      const results: string[] = []
      for (const n of upTo(15)) results.push(await keep(n))
      expect(results).toEqual([...Array(room).fill('spooled'), ...Array(15 - room).fill('lost')])
      await observations.flush()
      accept()
      await observations.flush()
      await observations.flush()
      expect(written(warden)).toEqual(upTo(room))
      expect(await gaps(warden)).toMatchObject([{ lostCount: 15 - room }])
      expect(await keep(15)).toBe('stored')
    },
  )

  test('is told by the next process, if this one cannot tell it any more', async () => {
    const warden = await openTestWarden()
    const first = await openObservations(warden, { events: 2, bytes: 1e9 })
    const accept = refuseEntries(warden)
    for (const n of upTo(5)) await first.keep(n)
    await first.observations.close()
    accept()
    const next = await openObservations(warden)
    await next.observations.close()
    expect(written(warden)).toEqual([0, 1])
    expect(await gaps(warden)).toMatchObject([{ lostCount: 3 }])
  })

  test('limits count what is there already', async () => {
    const folder = temporaryFolder()
    const earlier = await openSpool(folder)
    await Promise.all(upTo(4).map((n) => earlier.add(numberedDraft(n))))
    const spool = await openSpool(folder, { events: 5, bytes: 1e9 })
    await spool.add(numberedDraft(4))
    await expect(spool.add(numberedDraft(5))).rejects.toThrow('full')
  })
})

describe('a damaged file', () => {
  const damages: readonly [string, (text: string) => string, readonly number[], number][] = [
    ['is cut', (text) => text.slice(0, -100), [0, 1, 2, 3], 1],
    ['has a line that is no JSON', (text) => text.replace('{"v":1', '\0\0\0\0'), [1, 2, 3, 4], 1],
    ['has a line that is no event', (text) => text.replace(/.*/, '{"v":2}'), [1, 2, 3, 4], 1],
    ['is empty', () => '', [], 5],
    [
      'has a line deeper than any event',
      (text) => text.replace('"metadata":"{', `"metadata":"{\\"deep\\":${'['.repeat(20_000)}${']'.repeat(20_000)},`),
      [1, 2, 3, 4],
      1,
    ],
    [
      'has a line longer than any event',
      (text) => text.replace('"metadata":"{', `"metadata":"{\\"long\\":\\"${'x'.repeat(70_000)}\\",`),
      [1, 2, 3, 4],
      1,
    ],
    ['is larger than any', (text) => text + ' '.repeat(9_000_000), [], 5],
  ]
  test.each(damages)('that %s has the rest of it written, and the others too', async (_, damage, readable, lost) => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    const spool = await openSpool(warden.folder)
    await Promise.all(upTo(5).map((n) => spool.add(numberedDraft(n))))
    const [name = ''] = filesIn(warden.folder)
    const path = join(`${warden.path}.spool`, name)
    writeFileSync(path, damage(readFileSync(path, 'utf8')))
    await spool.add(numberedDraft(5))
    accept()
    const { observations } = await openObservations(warden)
    await observations.flush()
    await observations.flush()
    expect(written(warden)).toEqual([...readable, 5])
    expect(await gaps(warden)).toMatchObject([{ lostCount: lost }])
    expect(filesIn(warden.folder)).toEqual([`${name}.damaged`])
  })

  test('that cannot be read at all stays, and keeps nothing from being written', async () => {
    const warden = await openTestWarden()
    mkdirSync(join(`${warden.path}.spool`, `${newId()}.3.jsonl`), { recursive: true })
    const { observations, keep } = await openObservations(warden)
    await observations.flush()
    expect(await keep(1)).toBe('stored')
    expect(filesIn(warden.folder)).toHaveLength(1)
  })

  test('that nobody finished writing is removed once it is an hour old', async () => {
    const folder = temporaryFolder()
    mkdirSync(`${testDatabase(folder).path}.spool`)
    for (const name of ['old.tmp', 'new.tmp']) writeFileSync(join(`${testDatabase(folder).path}.spool`, name), '')
    const then = new Date(Date.now() - HOUR - MINUTE)
    utimesSync(join(`${testDatabase(folder).path}.spool`, 'old.tmp'), then, then)
    await openSpool(folder)
    expect(filesIn(folder)).toEqual(['new.tmp'])
  })
})

describe('erasing from the spool', () => {
  test('removes what is by or about somebody, and leaves the rest as it was', async () => {
    const warden = await openTestWarden()
    const accept = refuseEntries(warden)
    const { AuditLogger } = warden
    const person = { phoneNumber: OPERATOR, role: 'OPERATOR' }
    await report(warden, 1)
    await Promise.all([
      report(warden, 2),
      AuditLogger.logConversationReset({ performedBy: person }),
      AuditLogger.logWhitelistChange({
        performedBy: { phoneNumber: OWNER },
        targetPhoneNumber: OPERATOR,
        action: 'ADD',
      }),
      report(warden, 3),
    ])
    const spool = await openSpool(warden.folder)
    writeFileSync(join(`${warden.path}.spool`, 'x.1.jsonl.damaged'), OPERATOR)
    const matches = ({ account, resourceId }: Draft) => account === OPERATOR || resourceId === OPERATOR
    await spool.removeMatching(matches)
    const texts = filesIn(warden.folder).map((name) => readFileSync(join(`${warden.path}.spool`, name), 'utf8'))
    expect(texts.join('')).not.toContain(OPERATOR)
    await warden.AuditLogger.flush()
    accept()
    await warden.AuditLogger.flush()
    expect(written(warden)).toEqual([1, 2, 3])
    expect([await gaps(warden), filesIn(warden.folder)]).toEqual([[], []])
    expect(await warden.AuditLogRepository.findByAction('CONVERSATION_RESET')).toEqual([])
  })

  test('where there is none removes nothing', async () => {
    const folder = temporaryFolder()
    await (await openSpool(folder)).removeMatching(() => true)
    expect(filesIn(folder)).toEqual([])
  })
})

test('a line of a privileged act was put there: it is not signed, and told as lost', async () => {
  const folder = temporaryFolder()
  const first = await openTestWarden({}, folder)
  await first.close()
  const directory = `${testDatabase(folder).path}.spool`
  mkdirSync(directory, { recursive: true })
  const forged = (action: string, source: string): Draft => ({
    ...numberedDraft(0),
    id: newId(),
    action,
    source,
    account: 'SYSTEM',
    userRole: 'SYSTEM',
    channelId: null,
    requestId: null,
    metadata: '{}',
  })
  const own = Object.keys(EVENT_TYPES).filter((action) => action !== 'AUDIT_GAP')
  const cases = [
    ...own.flatMap((action) => [
      { action, source: 'cli', isWritten: !PRIVILEGED.has(action) && !isReserved(action) },
      // What a host reports under such a name changes nothing, and may wait.
      { action, source: 'api', isWritten: !isReserved(action) },
    ]),
    { action: 'ROLE_CHANGE', source: 'import', isWritten: false },
    // What a host calls its own may sound alike, and is its own.
    { action: 'role.change', source: 'telegram', isWritten: true },
    { action: 'audit:gap', source: 'api', isWritten: true },
  ]
  expect(cases.filter(({ isWritten }) => !isWritten)).toEqual(
    expect.arrayContaining([
      { action: 'ROLE_CHANGE', source: 'cli', isWritten: false },
      { action: 'AUDIT_ERASURE', source: 'api', isWritten: false },
    ]),
  )
  for (const { action, source } of cases)
    writeFileSync(join(directory, `${newId()}.1.jsonl`), `${toLine(forged(action, source))}\n`)
  const before = first.sql('SELECT 1 FROM audit_logs').length
  const warden = await openTestWarden({}, folder)
  await warden.AuditLogger.flush()
  const found = warden
    .sql<{ action: string; source: string }>('SELECT action, source FROM audit_logs ORDER BY seq')
    .slice(before)
    .map(({ action, source }) => `${action} ${source}`)
  for (const { action, source, isWritten } of cases)
    expect([action, source, found.includes(`${action} ${source}`)]).toEqual([action, source, isWritten])
  const lost = cases.filter(({ isWritten }) => !isWritten).length
  expect(filesIn(folder)).toHaveLength(lost)
  await report(warden, 0)
  await warden.AuditLogger.flush()
  expect((await gaps(warden)).reduce((sum, { lostCount }) => sum + lostCount, 0)).toBe(lost)
})
