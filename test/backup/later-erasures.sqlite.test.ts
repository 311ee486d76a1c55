import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { shareCleanUps } from '../support/at-end.ts'
import { backedUp, emptyPlace, restoreTo, verified, type Where } from '../support/backups.ts'
import { OWNER, openTestWarden, STRANGER, type TestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'
import { platformSays } from '../support/platform-says.ts'
import { foundIn } from '../support/raw-bytes.ts'

const DIGITS = STRANGER.slice(1)
const LID = 'whatsapp:77700012345@lid'
const NAME = 'Zebulon Quux'
const SECRET = 'marmalade-secret'
const TELEGRAM = 'telegram:88800012345'
const TRACES = [DIGITS, '77700012345', '88800012345', 'Zebulon', SECRET]

async function fill(warden: TestWarden): Promise<void> {
  const { AuditLogger } = warden
  for (let n = 0; n < 60; n++) {
    const phoneNumber = [STRANGER, LID, TELEGRAM, '+16660001111', '+16660002222'][n % 5] ?? ''
    const isOther = n % 5 > 2
    const name = isOther ? 'Somebody else' : NAME
    const queryType = `${isOther ? 'nothing' : SECRET} ${n}`
    void AuditLogger.logUsageQuery({ performedBy: { phoneNumber, name }, queryType })
  }
  await AuditLogger.flush()
  platformSays(warden, LID, STRANGER)
  warden.sql("INSERT INTO processed_messages VALUES ('whatsapp', ?, 1)", `false_${DIGITS}@c.us_ABC`)
}

async function erase(warden: TestWarden, phone: string): Promise<void> {
  const code = codeIn(await warden.ask(OWNER, `!config audit erase ${phone}`))
  expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('answered')
}

const cleanUps = shareCleanUps()
/** A backup with somebody in it who was erased afterwards, and what tells of the erasure. */
const made = { file: '', key: '', settingsKey: '', journal: '', exported: '', database: '' }
beforeAll(async () => {
  const warden = await openTestWarden({}, undefined, cleanUps.add)
  await fill(warden)
  // Before the backup: it has this one.
  await erase(warden, '+16660002222')
  const away = temporaryFolder(cleanUps.add)
  const copied = await backedUp(warden, [], cleanUps.add)
  made.file = join(away, 'backup.db')
  renameSync(copied, made.file)
  expect(foundIn({ path: made.file, folder: away }, TRACES)).toEqual(TRACES.map((trace) => `/backup.db: ${trace}`))
  await erase(warden, STRANGER)
  await erase(warden, TELEGRAM)
  await warden.AuditLogRepository.exportTo(join(away, 'export.json'), 'json')
  await warden.close()
  const { path, folder } = warden
  Object.assign(made, {
    key: `${path}.signing-key`,
    settingsKey: join(folder, 'settings.key'),
    journal: `${path}.erasures`,
    exported: join(away, 'export.json'),
    database: path,
  })
})

function place({ settingsKey = true, journal = false } = {}): Where {
  const where = emptyPlace()
  copyFileSync(made.key, `${where.path}.signing-key`)
  if (settingsKey) copyFileSync(made.settingsKey, join(where.folder, 'settings.key'))
  if (journal) copyFileSync(made.journal, `${where.path}.erasures`)
  return where
}

/** A trail of its own that has the same keys: a key in a file alone would say that its trail is lost. */
const anotherTrail = () =>
  openTestWarden({ env: { AUDIT_SIGNING_KEY: readFileSync(made.key, 'utf8') } }, place().folder)

const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('the journal of erasures', () => {
  test('has a line for each, which names nobody, and only its owner can read it', () => {
    expect(lines(made.journal)).toEqual([
      expect.objectContaining({ accountHashes: [] }),
      {
        erasedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        subjectHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        accountHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)],
        seq: expect.any(Number),
        keyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({ accountHashes: [] }),
    ])
    expect(statSync(made.journal).mode & 0o777).toBe(0o600)
    expect(TRACES.filter((trace) => readFileSync(made.journal, 'utf8').includes(trace))).toEqual([])
  })

  test('takes a line back whose erasure was not committed', async () => {
    const warden = await openTestWarden()
    const code = codeIn(await warden.ask(OWNER, `!config audit erase ${STRANGER}`))
    warden.sql('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    warden.sql('CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)')
    warden.sql('CREATE TRIGGER fault AFTER UPDATE ON audit_head BEGIN INSERT INTO child VALUES (1); END')
    expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('failed')
    const [line, undone] = lines(`${warden.path}.erasures`)
    expect(undone).toEqual({ ...line, undone: true })
  })
})

describe('a restore leaves no byte of who was erased after the backup', () => {
  test.each<[string, boolean, () => string[]]>([
    ['by the journal in place', true, () => []],
    ['by a journal from elsewhere', false, () => ['--erasures', made.journal]],
    ['by an export', false, () => ['--erasures', made.exported]],
    ['by another database', false, () => ['--erasures', made.database]],
    ['by all of them', true, () => ['--erasures', made.exported, '--erasures', made.database]],
  ])('told of it %s', async (_how, journal, args) => {
    const where = place({ journal })
    const { code, stdout } = await restoreTo(where, [made.file, ...args()])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('carried out again: 2\n') })
    expect(foundIn(where, TRACES)).toEqual([])
    expect(foundIn(where, ['Somebody else', '+16660001111'])).toHaveLength(2)
    expect((await verified(where.path, where.folder)).findings).toEqual([])
    const warden = await openTestWarden({}, where.folder)
    const [again2, again1, restored] = await warden.AuditLogRepository.getRecent(3)
    expect(restored).toMatchObject({ action: 'AUDIT_BACKUP_RESTORED' })
    const erasures = [again1, again2].flatMap((each) => each ?? [])
    const [, told, alone] = lines(made.journal)
    const bySubject = (of: readonly Record<string, unknown>[]) =>
      new Map(of.map(({ subjectHash, ...rest }) => [subjectHash, rest]))
    const again = bySubject(erasures.map(({ metadata }) => JSON.parse(metadata)))
    expect(again.get(told?.subjectHash)).toMatchObject({ accountHashes: told?.accountHashes, erasedCount: 24 })
    expect(again.get(alone?.subjectHash)).toMatchObject({ erasedCount: 12 })
    // And they are remembered here too, for the next time.
    expect([...bySubject(lines(`${where.path}.erasures`).slice(-2)).keys()].sort()).toEqual([...again.keys()].sort())
  })

  test('also where only their account is in the backup', async () => {
    const warden = await anotherTrail()
    for (let n = 0; n < 9; n++)
      await warden.AuditLogger.logUsageQuery({
        performedBy: { phoneNumber: '77700012345:12@lid', name: NAME },
        queryType: SECRET,
      })
    const file = await backedUp(warden)
    platformSays(warden, LID, STRANGER)
    await erase(warden, STRANGER)
    const where = place()
    copyFileSync(`${warden.path}.erasures`, `${where.path}.erasures`)
    expect(await restoreTo(where, [file])).toMatchObject({ code: 0 })
    expect(foundIn(where, TRACES)).toEqual([])
    expect((await verified(where.path, where.folder)).findings).toEqual([])
  })

  test('and does not erase who was erased before it and came back', async () => {
    const warden = await anotherTrail()
    await erase(warden, USER)
    const performedBy = { phoneNumber: USER, name: 'Came Back' }
    await warden.AuditLogger.logUsageQuery({ performedBy, queryType: 'x' })
    const file = await backedUp(warden)
    const where = place()
    copyFileSync(`${warden.path}.erasures`, `${where.path}.erasures`)
    expect(await restoreTo(where, [file])).toMatchObject({ stdout: expect.stringContaining('carried out again: 0\n') })
    expect(foundIn(where, ['Came Back'])).toEqual(['/chatwarden.db: Came Back'])
  })
})

test('an erasure that a legal hold of the backup keeps is named as pending, and the others are carried out', async () => {
  const warden = await anotherTrail()
  const held = '+16660003333'
  for (const phoneNumber of [held, STRANGER])
    await warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber, name: phoneNumber }, queryType: SECRET })
  await warden.say(OWNER, `!config audit hold add ${held}`)
  const file = await backedUp(warden)
  const code = codeIn(await warden.ask(OWNER, `!config audit hold remove ${held}`))
  await warden.say(OWNER, `!config confirm ${code}`)
  for (const phone of [held, STRANGER]) await erase(warden, phone)
  const where = place()
  copyFileSync(`${warden.path}.erasures`, `${where.path}.erasures`)
  const told = await restoreTo(where, [file])
  expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('carried out again: 1\n') })
  expect(told.stdout).toMatch(/^Pending, for a legal hold .* the erasure of \+16660003333, of 20/m)
  expect([foundIn(where, [DIGITS]), foundIn(where, [held]).length]).toEqual([[], 1])
  expect((await verified(where.path, where.folder)).findings).toEqual([])
})

describe('nothing is restored', () => {
  const refused = async (where: Where, args: readonly string[], words: RegExp) => {
    const { code, stdout } = await restoreTo(where, [made.file, ...args])
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringMatching(words) })
    expect(existsSync(where.path)).toBe(false)
    expect(readdirSync(where.folder).filter((name) => name.includes('partial'))).toEqual([])
  }

  test('where there is no key to tell whom later erasures were about', async () => {
    const where = place({ settingsKey: false, journal: true })
    await refused(where, [], /2 people were erased after the backup was made, and there is no key to tell whom/)
    expect(existsSync(join(where.folder, 'settings.key'))).toBe(false)
    writeFileSync(join(where.folder, 'settings.key'), '12'.repeat(32))
    await refused(where, [], /the key here is not the one of that time/)
    rmSync(`${where.path}.erasures`)
    const { code, stdout } = await restoreTo(where, [made.file])
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing here tells of erasures'),
    })
  })

  test('told of erasures by a file that can’t be read, or is not there', async () => {
    const where = place()
    const garbage = join(where.folder, 'garbage')
    writeFileSync(garbage, '[\n{"action":"X"},\n{"id":\n')
    await refused(where, ['--erasures', garbage], /line 3: neither an entry nor an erasure/)
    await refused(where, ['--erasures', '/nowhere'], /ENOENT/)
  })
})

test('half a line in the journal, of a process that was killed, takes no other line with it', async () => {
  const where = place()
  const [first, second] = readFileSync(made.journal, 'utf8').split('\n').filter(Boolean)
  appendFileSync(`${where.path}.erasures`, `\n${first}\n\n{"erasedAt":"2026-\n${second}\n`)
  const told = await restoreTo(where, [made.file])
  expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('carried out again: 1\n') })
})
