import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../../src/audit/entry/entry.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import {
  archived,
  archivesIn,
  DAYS,
  entriesIn,
  envOf,
  erase,
  filesIn,
  findings,
  log,
  openArchiving,
  seqs,
} from '../../support/archiving.ts'
import { FakeClock, OWNER, STRANGER, type TestWarden } from '../../support/chatwarden.ts'
import { codeIn } from '../../support/confirming.ts'
import { openRaw } from '../../support/database.ts'
import { linkAccount } from '../../support/people.ts'
import { startS3Server } from '../../support/s3-server.ts'
import { tamper } from '../../support/tamper.ts'
import { openWriter } from '../../support/writer.ts'

const OTHER = '+15550000777'
type Opened = Pick<Awaited<ReturnType<typeof archived>>, 'warden' | 'clock'>

describe('a clean-up with archives', () => {
  test('writes what it removes to an archive of its year first', async () => {
    const { warden, before, directory, name, ...opened } = await archived()
    expect(entriesIn(directory).map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq))
    expect(name).toMatch(/^2026\/audit-\d+-\d+-[0-9a-f]{8}\.jsonl\.gz$/)
    expect(filesIn(directory)).toEqual(['2026', name, `${name}.manifest`, `${name}.sha256`])
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(0)
    const [entry] = await warden.AuditLogRepository.query({ action: 'AUDIT_ARCHIVED' })
    expect(JSON.parse(entry?.metadata ?? '')).toMatchObject({ archive: name, entryCount: 20 })
    expect(await findings({ warden, ...opened })).toEqual([])
  })

  test('begins another archive with another year', async () => {
    const clock = new FakeClock(Date.UTC(2025, 11, 31, 23, 59))
    const { warden, directory, cleanUp } = await openArchiving({ clock })
    await log(warden, 5)
    clock.advance(120_000)
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    expect(archivesIn(directory).map((name) => name.slice(0, 4))).toEqual(['2025', '2026'])
    expect(entriesIn(directory)).toHaveLength(10)
  })

  test('archives nothing twice, and leaves out what a hold keeps', async () => {
    const { warden, clock, directory, cleanUp } = await openArchiving()
    await log(warden, 5)
    await log(warden, 5, '+15550000777')
    await warden.say(OWNER, '!config audit hold add +15550000777 a letter')
    clock.advance((DAYS + 1) * DAY)
    expect(await cleanUp()).toBe(5)
    const once = entriesIn(directory)
    expect(once.map(({ account }) => account)).toEqual(Array(5).fill(STRANGER))
    await cleanUp()
    expect(entriesIn(directory)).toEqual(once)
  })

  test('removes nothing where the archive cannot be written', async () => {
    const { warden, clock, directory, cleanUp } = await openArchiving()
    await log(warden, 5)
    writeFileSync(directory, 'in the way')
    clock.advance((DAYS + 1) * DAY)
    await expect(cleanUp()).rejects.toThrow()
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(5)
    rmSync(directory)
    expect(await cleanUp()).toBe(5)
    expect(entriesIn(directory)).toHaveLength(5)
  })

  test('finishes what was interrupted between the archive and the removal', async () => {
    const { warden, clock, directory, cleanUp } = await openArchiving()
    await log(warden, 1200)
    clock.advance((DAYS + 1) * DAY)
    warden.sql(
      "CREATE TRIGGER stop BEFORE DELETE ON audit_logs WHEN OLD.seq > 600 BEGIN SELECT RAISE(ABORT, 'stopped'); END",
    )
    await expect(cleanUp()).rejects.toThrow()
    const once = entriesIn(directory)
    expect(once.length).toBeGreaterThan(1100)
    warden.sql('DROP TRIGGER stop')
    await cleanUp()
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(0)
    expect(entriesIn(directory).filter(({ account }) => account === STRANGER)).toHaveLength(1200)
  })
})

describe('an archive', () => {
  test('is found to be damaged whatever byte of it, its manifest or its sidecar is changed', async () => {
    const { directory, name, cli } = await archived()
    expect((await cli('verify')).code).toBe(0)
    for (const file of [name, `${name}.manifest`, `${name}.sha256`]) {
      const path = join(directory, file)
      const whole = readFileSync(path)
      for (const at of [0, Math.floor(whole.length / 2), whole.length - 2]) {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] ?? 0) ^ 1
        writeFileSync(path, changed)
        expect(await cli('verify', name)).toMatchObject({ code: 5, out: expect.stringContaining('✘') })
      }
      writeFileSync(path, whole)
    }
    expect((await cli('verify')).code).toBe(0)
  })

  test('that no database knows is told of by the list', async () => {
    const { directory, name, cli } = await archived(2)
    copyFileSync(join(directory, name), join(directory, '2026', 'audit-7-9.jsonl.gz'))
    const { out } = await cli('list')
    expect(out.split('\n').filter((line) => line.includes('is not in the trail'))).toEqual([
      expect.stringContaining('2026/audit-7-9.jsonl.gz'),
    ])
  })

  test('comes back with its numbers and proofs, stays until it is released, and then goes again', async () => {
    const { before, name, cli, ...opened } = await archived()
    const { warden, clock, cleanUp } = opened
    expect(await cli('restore', name)).toMatchObject({ code: 0, out: expect.stringContaining('20 entries are back') })
    const back = await warden.AuditLogRepository.query({ action: 'RATE_LIMIT_VIOLATION' })
    expect(back.reverse()).toEqual(before)
    expect(await findings(opened)).toEqual([])
    expect(await warden.ask(OWNER, `!config audit proof ${before[3]?.seq}`)).toContain('Proof of entry')
    expect(await cli('restore', name)).toMatchObject({ code: 0, out: expect.stringContaining('Nothing came back') })
    clock.advance(DAY)
    await cleanUp()
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(20)
    expect((await cli('list')).out).toContain('20 entries restored')
    expect((await cli('release', name)).code).toBe(0)
    expect(await cleanUp()).toBe(20)
    expect(await findings(opened)).toEqual([])
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    expect(await findings(opened)).toEqual([])
  })

  test('that came back is missed when somebody removes a row of it, and one that did not come back is no entry', async () => {
    const { name, cli, before, ...opened } = await archived()
    await cli('restore', name)
    await opened.warden.close()
    tamper(opened.warden.path, (db) => db.exec(`DELETE FROM audit_logs WHERE seq = ${before[5]?.seq}`))
    expect((await findings(opened)).map(({ kind }) => kind)).toEqual(['missing'])
  })

  test('does not come back from a damaged file', async () => {
    const { directory, name, cli, warden } = await archived()
    const before = seqs(warden)
    const path = join(directory, name)
    writeFileSync(path, readFileSync(path).subarray(0, -5))
    await expect(cli('restore', name)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' })
    expect(seqs(warden)).toEqual(before)
  })

  test('of years ago stays while the clock is in doubt', async () => {
    const { warden, clock, directory, name } = await archived(3)
    clock.advance(7 * 366 * DAY)
    const { writer } = await openWriter(warden, clock)
    await writer.append(auditEvent('CLOCK_DOUBTED', SYSTEM, SYSTEM_PLACE, { reason: 'jumped', byMs: 1 }))
    await warden.archiving.removeOld()
    expect(archivesIn(directory)).toEqual([name])
    await writer.append(auditEvent('CLOCK_TRUSTED', SYSTEM, SYSTEM_PLACE, { since: 1, by: 'running' }))
    await warden.archiving.removeOld()
    expect(archivesIn(directory)).toEqual([])
  })

  test('of years ago is removed by rule, but for what a hold covers', async () => {
    const { warden, clock, directory, name } = await archived(3)
    await warden.say(OWNER, `!config audit hold add ${STRANGER}`)
    clock.advance(7 * 366 * DAY)
    await warden.archiving.removeOld()
    expect(archivesIn(directory)).toEqual([name])
    warden.sql('DELETE FROM audit_holds')
    await warden.archiving.removeOld()
    expect(filesIn(directory)).toEqual(['2026'])
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_ARCHIVE_REMOVED' })).toBe(1)
  })
})

describe('a hold that is gone for a while, and by nobody’s command, shows', () => {
  const lifting = async ({ warden }: Opened, act: () => Promise<unknown>) => {
    warden.sql('CREATE TABLE kept AS SELECT * FROM audit_holds')
    warden.sql('DELETE FROM audit_holds')
    await act()
    warden.sql('INSERT INTO audit_holds SELECT * FROM kept')
    warden.sql('DROP TABLE kept')
  }

  test('in the archive that went meanwhile', async () => {
    const opened = await archived(3)
    await opened.warden.ask(OWNER, `!config audit hold add ${STRANGER}`)
    opened.clock.advance(7 * 366 * DAY)
    await lifting(opened, () => opened.warden.archiving.removeOld())
    expect(await findings(opened)).toMatchObject([{ kind: 'unfounded act', about: expect.stringContaining('holds') }])
  })

  test('in the archive from which somebody was erased meanwhile', async () => {
    const opened = await archived(3)
    await erase(opened.warden, STRANGER)
    await opened.warden.ask(OWNER, `!config audit hold add ${STRANGER}`)
    await lifting(opened, () => opened.warden.archiving.erase())
    expect(await findings(opened)).toMatchObject([{ kind: 'unfounded act', about: expect.stringContaining('holds') }])
  })

  test('and one on another person keeps neither, which is as it should be', async () => {
    const opened = await archived(3)
    await erase(opened.warden, STRANGER)
    await opened.warden.ask(OWNER, `!config audit hold add ${OTHER}`)
    await opened.warden.archiving.erase()
    opened.clock.advance(7 * 366 * DAY)
    await opened.warden.archiving.removeOld()
    for (const action of ['AUDIT_ARCHIVE_REWRITTEN', 'AUDIT_ARCHIVE_REMOVED'])
      expect(await opened.warden.AuditLogRepository.count({ action })).toBe(1)
    expect(await findings(opened)).toEqual([])
  })
})

describe('an archive that is old enough to go', () => {
  const old = async (count = 3) => {
    const opened = await archived(count)
    opened.clock.advance(8 * 366 * DAY)
    return opened
  }

  test('stays where its file is only away, whatever hold there is', async () => {
    const { warden, directory, name, cli } = await old()
    const away = join(warden.folder, 'away')
    for (const hold of [true, false]) {
      if (hold) await warden.ask(OWNER, `!config audit hold add ${STRANGER}`)
      else warden.sql('DELETE FROM audit_holds')
      renameSync(join(directory, name), away)
      await warden.archiving.removeOld()
      renameSync(away, join(directory, name))
      expect((await cli('verify', name)).code).toBe(0)
    }
    await warden.archiving.removeOld()
    expect(archivesIn(directory)).toEqual([])
  })

  test('is restored whole, or goes', async () => {
    for (const delay of [0, 1, 2, 4, 8, 16, 32]) {
      const { warden, directory, name, cli, before } = await old(400)
      const removing = new Promise((resolve) => setTimeout(resolve, delay)).then(() => warden.archiving.removeOld())
      const restoring = cli('restore', name).catch((error: Error) => error.message)
      await Promise.all([removing, restoring])
      const there = await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })
      if (there > 0) expect([there, archivesIn(directory)]).toEqual([before.length, [name]])
      else expect([await restoring, archivesIn(directory)]).toEqual([expect.stringMatching(/archive/), []])
    }
  })

  test('whose removal was interrupted goes with the next run, and is not brought back meanwhile', async () => {
    const { directory, name, cli, ...opened } = await old()
    const { warden } = opened
    warden.sql("CREATE TRIGGER stop BEFORE DELETE ON audit_archives BEGIN SELECT RAISE(ABORT, 'crash'); END")
    await warden.archiving.removeOld()
    warden.sql('DROP TRIGGER stop')
    expect(archivesIn(directory)).toEqual([])
    expect((await cli('list')).out).toContain('is being removed')
    expect(await findings(opened)).toEqual([])
    await warden.ask(OWNER, '!config audit hold add all')
    await expect(cli('restore', name)).rejects.toMatchObject({ code: 'ARCHIVE_CHANGED' })
    await warden.archiving.removeOld()
    expect((await cli('list')).out).toContain('There are no archives.')
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_ARCHIVE_REMOVED' })).toBe(1)
  })
})

describe('erasure of a person', () => {
  test('rewrites the archives that hold something of them, and what comes back is without them', async () => {
    const { directory, name, cli, ...opened } = await (async () => {
      const opened = await openArchiving()
      await log(opened.warden, 5, '+15550000777')
      await log(opened.warden, 5)
      opened.clock.advance((DAYS + 1) * DAY)
      await opened.cleanUp()
      return { ...opened, name: archivesIn(opened.directory)[0] ?? '' }
    })()
    const { warden } = opened
    const text = await warden.ask(OWNER, '!config audit erase +15550000777')
    const code = /confirm (\d{6})/.exec(text)?.[1]
    await warden.ask(OWNER, `!config confirm ${code}`)
    await warden.archiving.erase()
    expect(entriesIn(directory).map(({ account }) => account)).toEqual(Array(5).fill(STRANGER))
    expect((await cli('verify')).code).toBe(0)
    await cli('restore', name)
    expect(await warden.AuditLogRepository.count({ phoneNumber: '+15550000777', action: 'RATE_LIMIT_VIOLATION' })).toBe(
      0,
    )
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(5)
    expect(await findings(opened)).toEqual([])
    await warden.archiving.erase()
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_ARCHIVE_REWRITTEN' })).toBe(1)
  })
})

describe('what was erased while a hold keeps it', () => {
  const [BOB, CAROL] = [OTHER, '+15550000888'] as const
  const removeHold = async (warden: TestWarden, who: string) =>
    warden.say(OWNER, `!config confirm ${codeIn(await warden.ask(OWNER, `!config audit hold remove ${who}`))}`)
  const about = (entries: readonly { account: string }[], who: string) =>
    entries.filter(({ account }) => account === who)

  async function heldArchive() {
    const opened = await archivedOf(BOB)
    await erase(opened.warden, BOB)
    await opened.warden.ask(OWNER, `!config audit hold add ${BOB}`)
    await opened.warden.archiving.erase()
    return opened
  }

  async function archivedOf(who: string) {
    const opened = await openArchiving()
    await log(opened.warden, 3, who)
    await log(opened.warden, 2)
    opened.clock.advance((DAYS + 1) * DAY)
    await opened.cleanUp()
    return { ...opened, name: archivesIn(opened.directory)[0] ?? '' }
  }

  test('waits in the archive, does not come back to the database, and goes when the hold ends', async () => {
    const { directory, name, cli, cleanUp, ...opened } = await heldArchive()
    const { warden } = opened
    expect(about(entriesIn(directory), BOB)).toHaveLength(3)
    expect(await warden.archiving.isBehind()).toBe(false)
    expect((await cli('list')).out).toContain('a hold kept what was erased in it')
    expect(await cli('restore', name)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/2 entries are back.*\n3 entries stay in the archive alone/),
    })
    expect(await findings(opened)).toEqual([])
    await removeHold(warden, BOB)
    expect((await cli('list')).out).toContain('still to be carried out')
    await warden.archiving.erase()
    expect(about(entriesIn(directory), BOB)).toEqual([])
    expect(await warden.archiving.isBehind()).toBe(false)
    expect((await cli('release', name)).code).toBe(0)
    await cleanUp()
    expect(await findings(opened)).toEqual([])
    expect((await cli('restore', name)).out).toContain('2 entries are back')
    expect(await findings(opened)).toEqual([])
  })

  test('goes with the next clean-up too where the hold ends with the account that it was on', async () => {
    const { directory, warden, cleanUp } = await heldArchive()
    warden.sql('DELETE FROM audit_holds')
    await warden.archiving.erase()
    expect(about(entriesIn(directory), BOB)).toHaveLength(3)
    await cleanUp()
    expect(about(entriesIn(directory), BOB)).toEqual([])
  })

  test('is erased again where a crash kept it, as whoever was killed leaves what lies beside a file of another', async () => {
    const { directory, name, cli, ...opened } = await archivedOf(BOB)
    const { warden } = opened
    await erase(warden, BOB)
    const sidecar = join(directory, `${name}.sha256`)
    const text = readFileSync(sidecar)
    rmSync(sidecar)
    // Of the three names the second can't be given.
    mkdirSync(join(sidecar, 'in the way'), { recursive: true })
    await warden.archiving.erase()
    rmSync(sidecar, { recursive: true })
    writeFileSync(sidecar, text)
    expect((await cli('verify')).code).toBe(5)
    expect(about(entriesIn(directory), BOB)).toHaveLength(3)
    await warden.archiving.erase()
    expect((await cli('verify')).code).toBe(0)
    expect(about(entriesIn(directory), BOB)).toEqual([])
    expect(await findings(opened)).toEqual([])
  })

  test.each(['UPDATE', 'INSERT'])(
    'and a row that is not written (%s) leave nothing that the next run does not end',
    async (kind) => {
      const { directory, name, cli, cleanUp, ...opened } = await archivedOf(BOB)
      const { warden, clock } = opened
      await cli('restore', name)
      await warden.ask(OWNER, `!config audit hold add ${CAROL}`)
      await erase(warden, BOB)
      await warden.archiving.erase()
      await removeHold(warden, CAROL)
      await cli('release', name)
      warden.sql(`CREATE TRIGGER stop BEFORE ${kind} ON audit_archives BEGIN SELECT RAISE(ABORT, 'crash'); END`)
      await cleanUp().catch(() => {})
      warden.sql('DROP TRIGGER stop')
      clock.advance((DAYS + 5) * DAY)
      await cleanUp()
      await warden.archiving.erase()
      expect((await cli('verify')).code).toBe(0)
      expect(about(entriesIn(directory), BOB)).toEqual([])
      expect(await findings(opened)).toEqual([])
    },
  )

  test('is archived again under a name of its own, and is in no archive whose commit fails', async () => {
    const { directory, cli, cleanUp, ...opened } = await openArchiving()
    const { warden, clock } = opened
    await warden.AuditLogger.logAuditLogViewed({ performedBy: { phoneNumber: BOB }, filters: { phoneNumber: CAROL } })
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    const [name = ''] = archivesIn(directory)
    await cli('restore', name)
    await warden.ask(OWNER, `!config audit hold add ${CAROL}`)
    await erase(warden, BOB)
    await warden.archiving.erase()
    await removeHold(warden, CAROL)
    await warden.archiving.erase()
    await cli('release', name)
    warden.sql('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    warden.sql('CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)')
    warden.sql('CREATE TRIGGER fault AFTER UPDATE ON audit_head BEGIN INSERT INTO child VALUES (1); END')
    await expect(cleanUp()).rejects.toThrow()
    warden.sql('DROP TRIGGER fault')
    expect(archivesIn(directory)).toHaveLength(2)
    expect((await cli('verify')).code).toBe(0)
    await cleanUp()
    await warden.archiving.erase()
    expect(about(entriesIn(directory), BOB)).toEqual([])
    expect((await cli('verify')).code).toBe(0)
    expect(await findings(opened)).toEqual([])
  })

  test('stays where the hold comes while the archive is rewritten, or is gone when it comes', async () => {
    for (const delay of [0, 4, 8, 16, 32]) {
      const { directory, warden } = await archivedOf(BOB)
      await erase(warden, BOB)
      const erasing = warden.archiving.erase()
      await new Promise((resolve) => setTimeout(resolve, delay))
      await warden.ask(OWNER, `!config audit hold add ${BOB}`)
      const there = about(entriesIn(directory), BOB)
      await erasing
      expect([delay, about(entriesIn(directory), BOB)]).toEqual([delay, there])
    }
  })

  test('does not come back twice where it had come back before it was erased', async () => {
    const { name, cli, ...opened } = await archivedOf(BOB)
    const { warden } = opened
    await cli('restore', name)
    await erase(warden, BOB)
    await warden.ask(OWNER, `!config audit hold add ${BOB}`)
    await warden.archiving.erase()
    expect(await cli('restore', name)).toMatchObject({ code: 0, out: expect.stringContaining('Nothing came back') })
    expect(await findings(opened)).toEqual([])
  })

  test('waits in the database too, and no archive has it once the hold on the other has ended', async () => {
    const { directory, warden, clock, cleanUp } = await openArchiving()
    await warden.AuditLogger.logRateLimitViolation({ phoneNumber: BOB, limitType: 'user' })
    await warden.AuditLogger.logAuditLogViewed({ performedBy: { phoneNumber: BOB }, filters: { phoneNumber: CAROL } })
    await warden.ask(OWNER, `!config audit hold add ${CAROL}`)
    await erase(warden, BOB)
    const [erasure] = await warden.AuditLogRepository.findByAction('AUDIT_ERASURE')
    expect(JSON.parse(erasure?.metadata ?? '')).toMatchObject({ erasedCount: 1, heldCount: 1 })
    await removeHold(warden, CAROL)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    await warden.archiving.erase()
    expect(about(entriesIn(directory), BOB)).toEqual([])
    expect(await warden.AuditLogRepository.count({ phoneNumber: BOB })).toBe(0)
  })
})

test('erasure takes out of archives too what names a person by their id alone', async () => {
  const { warden, clock, directory, cleanUp } = await openArchiving()
  await warden.say(OWNER, `!config role promote ${OTHER} USER`)
  const [{ id } = { id: '' }] = warden.sql<{ id: string }>(
    'SELECT id FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = ?)',
    OTHER,
  )
  await warden.AuditLogger.logConversationReset({ performedBy: { id, phoneNumber: '77@lid' } })
  clock.advance((DAYS + 1) * DAY)
  await cleanUp()
  expect(entriesIn(directory).some(({ account }) => account === 'whatsapp:77@lid')).toBe(true)
  await warden.say(OWNER, `!config role demote ${OTHER} USER`)
  await erase(warden, OTHER)
  await warden.archiving.erase()
  expect(entriesIn(directory).some(({ account }) => account === 'whatsapp:77@lid')).toBe(false)
})

test('erasure by one account takes out of archives what somebody did by the others', async () => {
  const { warden, clock, directory, cleanUp } = await openArchiving()
  await warden.say(OWNER, `!config role promote ${OTHER} USER`)
  const accounts = ['telegram:42', 'whatsapp:777@lid', 'slack:T1/U1']
  for (const account of accounts) linkAccount(warden, account, OTHER)
  for (const account of [OTHER, ...accounts, 'telegram:43', 'slack:T1/U10']) await log(warden, 2, account)
  clock.advance((DAYS + 1) * DAY)
  await cleanUp()
  await warden.say(OWNER, `!config role demote ${OTHER} USER`)
  await erase(warden, 'slack:T1/U1')
  await warden.archiving.erase()
  const left = entriesIn(directory).filter(({ action }) => action === 'RATE_LIMIT_VIOLATION')
  expect(left.map(({ account }) => account)).toEqual(['telegram:43', 'telegram:43', 'slack:T1/U10', 'slack:T1/U10'])
})

describe('with an object store', () => {
  test('nothing leaves the database before the archive was read back from there', async () => {
    const server = await startS3Server()
    const { warden, clock, directory, cleanUp, cli } = await openArchiving({ env: envOf(server) })
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await server.stop()
    expect(await cleanUp()).toBe(0)
    expect(archivesIn(directory)).toHaveLength(1)
    expect(await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(5)
    await server.start()
    expect(await cleanUp()).toBe(5)
    const [name = ''] = archivesIn(directory)
    const path = join(directory, name)
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    rmSync(directory, { recursive: true })
    expect((await cli('restore', name)).code).toBe(0)
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256)
  })

  test('who is erased while their archive is being sent is not in the one that is there in the end', async () => {
    const server = await startS3Server()
    const { warden, clock, directory, cleanUp, cli } = await openArchiving({ env: envOf(server) })
    await log(warden, 3, OTHER)
    await log(warden, 2)
    clock.advance((DAYS + 1) * DAY)
    await server.stop()
    await cleanUp()
    await server.start()
    const [name = ''] = archivesIn(directory)
    server.slow = async () => {
      server.slow = undefined
      await erase(warden, OTHER)
      await cli('restore', name)
    }
    await warden.archiving.erase()
    while (await warden.archiving.isBehind()) await warden.archiving.erase()
    rmSync(directory, { recursive: true })
    expect((await cli('verify')).code).toBe(0)
    expect(entriesIn(directory).filter(({ account }) => account === OTHER)).toEqual([])
  })
})

test('what the tables say of archives has to be what the trail says', async () => {
  const { name, warden, ...opened } = await archived()
  await warden.close()
  const change = (sql: string) => {
    const db = openRaw(warden.path)
    db.exec(sql)
    db.close()
  }
  change("UPDATE audit_archives SET sha256 = 'x'")
  change(`INSERT INTO audit_restored VALUES (1, 2, '${name}')`)
  const found = await findings({ warden, ...opened })
  expect(found.map(({ about }) => about)).toEqual([
    `archive ${name}: another file than its entry says`,
    `entries restored from ${name}`,
  ])
})
