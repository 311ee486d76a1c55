import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, test } from 'vitest'
import { dayAfter, daysDue } from '../../src/audit/export/export-days.ts'
import { formatCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { Signer } from '../../src/audit/tree/note.ts'
import { run as checkpointCommand } from '../../src/cli/checkpoint.ts'
import { run as rotate } from '../../src/cli/key.ts'
import { run as verifyCommand } from '../../src/cli/verify.ts'
import { COVERS, EMPTIED_ON_RESTORE } from '../../src/storage/covers.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { backedUp, emptyPlace, restoreTo, verified, type Where } from '../support/backups.ts'
import {
  ADMIN,
  FakeClock,
  OWNER,
  OWNER2,
  openTestWarden,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'
import { makeFullTrail } from '../support/full-trail.ts'
import { runHere } from '../support/run-here.ts'
import { swapIndexOfRoles } from '../support/swapped-index.ts'
import { tamper } from '../support/tamper.ts'

const log = (warden: TestWarden) =>
  warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: ADMIN }, queryType: 'x' })
const checkpointOf = ({ sql }: TestWarden) =>
  sql<{ checkpoint: string }>('SELECT checkpoint FROM audit_head')[0]?.checkpoint

/** A place with the key of the trail, as on a new machine. */
function placeWithKey(key: string): Where {
  const place = emptyPlace()
  copyFileSync(key, `${place.path}.signing-key`)
  return place
}

const cleanUps = shareCleanUps()
/** A trail that stays open, a backup of it, and its checkpoints after the entry of the backup and after one more. */
let trail: { warden: TestWarden; file: string; backedUp: string; later: string }
beforeAll(async () => {
  const warden = await openTestWarden({}, undefined, cleanUps.add)
  await log(warden)
  const file = await backedUp(warden, [], cleanUps.add)
  const checkpoint = checkpointOf(warden) ?? ''
  await log(warden)
  trail = { warden, file, backedUp: checkpoint, later: checkpointOf(warden) ?? '' }
})

/** A copy of the backup for one test, and an empty place with the key of its trail. */
function made() {
  const directory = temporaryFolder()
  cpSync(dirname(trail.file), directory, { recursive: true })
  const key = `${trail.warden.path}.signing-key`
  return { file: join(directory, basename(trail.file)), key, place: placeWithKey(key) }
}

const keep = (name: string, text: string) => {
  const path = join(emptyPlace().folder, name)
  writeFileSync(path, text)
  return path
}

function contents(path: string): Record<string, unknown[]> {
  const database = new Database(path, { readonly: true })
  try {
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]))
  } finally {
    database.close()
  }
}

const lastEntry = (path: string) => (contents(path).audit_logs ?? []).at(-1) as { readonly metadata: string }

describe('a restored backup', () => {
  test('is the newest of a directory, where one is named', async () => {
    const { file, place } = made()
    copyFileSync(file, join(dirname(file), 'chatwarden-20200101T000000Z.db'))
    const { code, stdout } = await restoreTo(place, [dirname(file)])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`Backup: ${file}`) })
    const nothing = emptyPlace()
    expect((await restoreTo(nothing, [nothing.folder])).code).toBe(3)
  })

  test('is what was backed up, with one entry that says so, and its trail goes on', async () => {
    const { file, place } = made()
    const { code, stdout } = await restoreTo(place, [file])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`Restored ${place.path}: `) })
    const [before, after] = [contents(file), contents(place.path)]
    const [added] = (after.audit_logs ?? []).splice(-1) as { action: string; metadata: string }[]
    const size = before.audit_logs?.length ?? 0
    expect(added).toMatchObject({ action: 'AUDIT_BACKUP_RESTORED', category: 'SECURITY', source: 'cli' })
    expect(JSON.parse(added?.metadata ?? '')).toEqual({
      operator: expect.stringContaining('@'),
      file: expect.stringMatching(/^chatwarden-\d{8}T\d{6}Z\.db$/),
      sha256: readFileSync(`${file}.sha256`, 'utf8').slice(0, 64),
      size,
      root: readFileSync(`${file}.checkpoint`, 'utf8').split('\n')[2],
    })
    for (const changing of ['audit_head', 'audit_tiles', ...EMPTIED_ON_RESTORE]) delete before[changing]
    expect(after).toMatchObject(before)
    expect(readdirSync(place.folder)).toEqual(['chatwarden.db', 'chatwarden.db.signing-key'])
    const again = await openTestWarden({}, place.folder)
    expect(await log(again)).toBe('stored')
    const checkpoint = readFileSync(`${file}.checkpoint`, 'utf8')
    expect(await verified(place.path, place.folder, checkpoint)).toMatchObject({ findings: [], extends: size })
  })

  test('has nothing of what was on its way, and a request that waited for a code has ended', async () => {
    const { path, how } = await makeFullTrail()
    const folder = dirname(path)
    const code = (contents(path).confirmations as { confirmer: string; code: string }[]).find(
      ({ confirmer }) => confirmer !== 'OPERATOR',
    )?.code
    const file = await backedUp({ path, folder })
    const place = placeWithKey(`${path}.signing-key`)
    const { stdout } = await restoreTo(place, [file])
    expect(stdout).toContain('Waited for somebody’s code, and ended: 1. Whoever asked can ask again.\n')
    const [before, after] = [contents(file), contents(place.path)]
    for (const [table, { restore, only }] of Object.entries(COVERS)) {
      if (only === 'postgresql') continue
      expect([table, after[table]?.length]).toEqual([
        table,
        restore === 'emptied'
          ? 0
          : (before[table]?.length ?? 0) + (['audit_logs', 'exported_days'].includes(table) ? 1 : 0),
      ])
    }
    for (const table of EMPTIED_ON_RESTORE) expect([table, before[table]]).not.toEqual([table, []])
    expect(JSON.parse(lastEntry(place.path).metadata)).toMatchObject({ endedRequests: 1 })
    expect((await verified(place.path, place.folder)).findings).toEqual([])
    // Also where somebody puts the code back.
    const row = before.confirmations?.map((each) => Object.values(each as object)) ?? []
    tamper(place.path, (database) => {
      for (const values of row)
        database.prepare(`INSERT INTO confirmations VALUES (${values.map(() => '?').join()})`).run(...values)
    })
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const warden = await openTestWarden({ env, clock: new FakeClock(how.now + 60_000) }, place.folder)
    expect((await warden.say(OWNER2, `!config confirm ${code}`)).status).toBe('not-found')
    expect((await verified(place.path, place.folder)).findings).toEqual([
      { kind: 'unlogged change', about: expect.stringContaining('not as it was asked for') },
    ])
  })

  test('brings the keys that were copied beside it', async () => {
    const warden = await openTestWarden()
    writeFileSync(join(warden.folder, 'settings.key'), 'ab'.repeat(32))
    const file = await backedUp(warden, ['--keys'])
    const place = emptyPlace()
    expect(await restoreTo(place, [file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Put in its place: ${place.path}.signing-key`),
    })
    expect(readdirSync(place.folder)).toEqual(['chatwarden.db', 'chatwarden.db.signing-key', 'settings.key'])
    expect((await verified(place.path, warden.folder)).findings).toEqual([])
  })

  test('goes on with its own key where a start has only made one', async () => {
    const warden = await openTestWarden()
    const file = await backedUp(warden, ['--keys'])
    const place = emptyPlace()
    writeFileSync(`${place.path}.signing-key.next`, Signer.generate('chatwarden.local/other').export())
    expect(await restoreTo(place, [file])).toMatchObject({ code: 0 })
    expect((await verified(place.path, warden.folder)).findings).toEqual([])
  })

  test('says that its hash is missing, and is checked all the same', async () => {
    const { file, place } = made()
    rmSync(`${file}.sha256`)
    expect(await restoreTo(place, [file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`There is no ${file}.sha256`),
    })
  })
})

describe('nothing is restored', () => {
  test.each(['', '-wal', '-shm'])('over a file that is there: chatwarden.db%s', async (end) => {
    const { file, place } = made()
    writeFileSync(place.path + end, 'mine')
    const { code, stdout } = await restoreTo(place, [file])
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining(`${place.path}${end} is there`) })
    expect(readFileSync(place.path + end, 'utf8')).toBe('mine')
  })

  test.each<[string, RegExp, (file: string) => void]>([
    ['that has another hash', /^damaged: SHA-256 is /, (file) => tamper(file, (db) => db.exec('VACUUM'))],
    [
      'with a page that is damaged',
      /^damaged: /,
      (file) => {
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 9000))
        rmSync(`${file}.sha256`)
      },
    ],
    [
      'that is no database',
      /^damaged: /,
      (file) => {
        writeFileSync(file, 'x'.repeat(5000))
        rmSync(`${file}.sha256`)
      },
    ],
    [
      'whose trail was changed',
      /^altered: entry 1 /m,
      (file) => {
        tamper(file, (database) => database.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 1"))
        rmSync(`${file}.sha256`)
      },
    ],
    [
      'with a trigger that makes an OWNER later',
      /^altered schema: trigger promote on users is not of Chatwarden$/m,
      (file) => {
        const sql = "CREATE TRIGGER promote AFTER INSERT ON users BEGIN UPDATE users SET role = 'OWNER'; END"
        tamper(file, (database) => database.exec(sql))
        rmSync(`${file}.sha256`)
      },
    ],
    [
      'in which an index names other rows than its table',
      /^damaged: row \d+ missing from index users_role_idx$/m,
      (file) => {
        tamper(file, swapIndexOfRoles)
        rmSync(`${file}.sha256`)
      },
    ],
    [
      'whose checkpoint says otherwise',
      /^rolled back: /m,
      (file) => {
        rmSync(`${file}.sha256`)
        writeFileSync(`${file}.checkpoint`, trail.later)
      },
    ],
  ])('of a file %s', async (_what, told, change) => {
    const { file, place } = made()
    change(file)
    expect(await restoreTo(place, [file])).toMatchObject({ code: 5, stdout: expect.stringMatching(told) })
    expect(readdirSync(place.folder)).toEqual(['chatwarden.db.signing-key'])
  })

  test('of a database in use', async () => {
    const { place } = made()
    const { code, stdout } = await restoreTo(place, [trail.warden.path])
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('not a backup of one') })
  })

  test('without a key or with another one, and says how to go on; it works as said', async () => {
    const { file, key, place } = made()
    writeFileSync(`${place.path}.signing-key`, Signer.generate('chatwarden.local/other').export())
    const other = await restoreTo(place, [file])
    expect(other).toMatchObject({ code: 3, stdout: expect.stringContaining('Put that key in its place') })
    rmSync(`${place.path}.signing-key`)
    const { code, stdout } = await restoreTo(place, [file])
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('chatwarden key rotate --lost') })
    expect(readdirSync(place.folder)).toEqual([])
    const rescue = { path: join(dirname(file), 'rescue.db'), folder: dirname(file) }
    copyFileSync(file, rescue.path)
    expect((await runHere(rotate, ['rotate', '--lost'], rescue)).code).toBe(0)
    copyFileSync(`${rescue.path}.signing-key`, `${place.path}.signing-key`)
    expect((await restoreTo(place, [rescue.path])).code).toBe(0)
    expect(readFileSync(key)).not.toEqual(readFileSync(`${place.path}.signing-key`))
  })

  test('of what is not there', async () => {
    const { place } = made()
    expect(await restoreTo(place, ['/nowhere/x.db'])).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^Could not restore: ENOENT/),
    })
    expect(readdirSync(place.folder)).toEqual(['chatwarden.db.signing-key'])
    await expect(restoreTo(place, [])).rejects.toThrow('restore needs one file')
  })
})
test('what keeps entries from being changed, and the backup does not have, is put back with an entry', async () => {
  const { file, place } = made()
  new Database(file).exec('DROP TRIGGER audit_logs_refuse_update').close()
  rmSync(`${file}.sha256`)
  expect(await restoreTo(place, [file])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('missing trigger: trigger audit_logs_refuse_update on audit_logs is missing'),
  })
  expect((await verified(place.path, place.folder)).findings).toEqual([])
  const warden = await openTestWarden({}, place.folder)
  expect(await warden.AuditLogRepository.findByAction('DATABASE_TRIGGERS_RESTORED')).toHaveLength(1)
  // Whatever is put right comes after it.
  const [restored] = await warden.AuditLogRepository.findByAction('AUDIT_BACKUP_RESTORED')
  expect(restored?.seq).toBe(JSON.parse(restored?.metadata ?? '').size)
})

describe('a checkpoint that was kept', () => {
  test('and is older must be one of the same trail', async () => {
    const warden = await openTestWarden()
    const kept = keep('kept', checkpointOf(warden) ?? '')
    await log(warden)
    const file = await backedUp(warden)
    const key = `${warden.path}.signing-key`
    const told = await restoreTo(placeWithKey(key), [file, '--checkpoint', kept])
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/It extends the checkpoint of \d+ entries/) })
  })

  test('and is newer says how much is missing, and that nothing is proved', async () => {
    const { file, place } = made()
    const kept = keep('kept', trail.later)
    const { code, stdout } = await restoreTo(place, [file, '--checkpoint', kept])
    // The backup's own entry, and the one after.
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(': 2 are missing after') })
    expect(stdout).toContain('cannot be proved')
    const metadata = JSON.parse(lastEntry(place.path).metadata)
    expect(metadata.longer).toEqual([{ size: metadata.size + 2, root: trail.later.split('\n')[2] }])
  })

  test('beside another backup tells the same', async () => {
    const { file, place } = made()
    writeFileSync(join(dirname(file), 'chatwarden-29990101T000000Z.db.checkpoint'), trail.backedUp)
    expect(await restoreTo(place, [file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(': 1 are missing'),
    })
  })

  test('of a trail that went another way is a finding, of another key or none a refusal', async () => {
    const { file, key, place } = made()
    const fork = await openTestWarden({ env: { AUDIT_SIGNING_KEY: readFileSync(key, 'utf8') } })
    const forked = keep('forked', checkpointOf(fork) ?? '')
    expect(await restoreTo(place, [file, '--checkpoint', forked])).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(/^rolled back: /m),
    })
    const other = await openTestWarden()
    for (let n = 0; n < 9; n++) await log(other)
    for (const kept of [keep('other', checkpointOf(other) ?? ''), keep('none', 'nothing')])
      expect(await restoreTo(place, [file, '--checkpoint', kept])).toMatchObject({ code: 3 })
    expect(readdirSync(place.folder)).toEqual(['chatwarden.db.signing-key'])
  })
})

describe('a restored trail and the one that it left', () => {
  /** Two trails from one backup: what was backed up has gone on, and so has what was restored. */
  async function parted() {
    const { file, place, key } = made()
    const kept = keep('kept', trail.later)
    expect(await restoreTo(place, [file, '--checkpoint', kept])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^It is another branch from entry \d+ on\. /m),
    })
    const warden = await openTestWarden({}, place.folder)
    for (let n = 0; n < 5; n++) await log(warden)
    return { file, place, key, kept, warden, size: Number(readFileSync(`${file}.checkpoint`, 'utf8').split('\n')[1]) }
  }

  test('are told to be branches of one, by `verify` with the checkpoint of the other', async () => {
    const { place, kept, warden, size } = await parted()
    const head = checkpointOf(warden) ?? ''
    expect(head.split('\n')[3]).toMatch(new RegExp(`^branch ${size} [\\w+/]{43}=$`))
    const cases = [
      [place, kept, `, which this trail left with entry ${size} (AUDIT_BACKUP_RESTORED of `],
      [trail.warden, keep('theirs', head), `, which left this trail with its entry ${size}\n`],
    ] as const
    for (const [where, file, told] of cases) {
      const { code, stdout } = await runHere(verifyCommand, ['--checkpoint', file, '--no-entry'], where)
      expect({ code, stdout }).toMatchObject({
        code: 5,
        stdout: expect.stringMatching(/^forked: the kept checkpoint/m),
      })
      expect(stdout).toContain(told)
      expect(stdout).not.toMatch(/altered|rolled back/)
    }
    const own = await runHere(verifyCommand, ['--checkpoint', keep('own', head), '--no-entry'], place)
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('extends checkpoint') })
  })

  test('are known to have been longer by all that lies beside the backup, by its length, each once', async () => {
    const { file, place, key } = made()
    const signer = Signer.parse(readFileSync(key, 'utf8'))
    const root = Buffer.alloc(32, 7)
    const sizes = Array.from({ length: 510 }, (_, index) => 1000 + ((index * 7) % 510))
    for (const [index, size] of [...sizes, 1000].entries()) {
      const note = signer.sign(formatCheckpoint({ origin: signer.verifier.name, size, root }))
      writeFileSync(join(dirname(file), `chatwarden-${index}.checkpoint`), note)
    }
    expect((await restoreTo(place, [file])).code).toBe(0)
    const { longer } = JSON.parse(lastEntry(place.path).metadata)
    // The longest of them: an entry has an end.
    expect(longer).toEqual(Array.from({ length: 500 }, (_, n) => ({ size: 1010 + n, root: root.toString('base64') })))
  })

  test('and what shows a checkpoint says so', async () => {
    const { place, warden, size } = await parted()
    const words = `A branch since entry ${size}: `
    const shown = await runHere(checkpointCommand, ['--no-entry'], place)
    expect(shown).toMatchObject({ code: 0, stdout: checkpointOf(warden), stderr: expect.stringContaining(words) })
    expect(await warden.ask(OWNER, '!config audit checkpoint')).toContain(words)
    const before = await runHere(checkpointCommand, ['--no-entry'], trail.warden)
    expect(before).toMatchObject({ code: 0, stderr: '' })
  })

  test('a backup of the one is not restored by a checkpoint of the other, nor is it missing what the other had', async () => {
    const { file, key, kept, warden } = await parted()
    const next = await backedUp(warden)
    for (const checkpoint of [kept, keep('longer', await longer())])
      expect(await restoreTo(placeWithKey(key), [next, '--checkpoint', checkpoint])).toMatchObject({
        code: 5,
        stdout: expect.stringMatching(/^forked: (?:.|\n)*give a checkpoint of this branch, or none\.$/m),
      })
    // Beside it, it says nothing of the trail in it.
    writeFileSync(join(dirname(next), 'chatwarden-29990101T000000Z.db.checkpoint'), await longer())
    const again = placeWithKey(key)
    const { code, stdout } = await restoreTo(again, [next])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringContaining('are missing') })
    expect(JSON.parse(lastEntry(again.path).metadata)).not.toHaveProperty('longer')
    // What left it at a later entry may be how it went on, but not where a checkpoint of the other is given.
    const theirs = placeWithKey(key)
    writeFileSync(join(dirname(file), 'chatwarden-29990101T000000Z.db.checkpoint'), checkpointOf(warden) ?? '')
    expect(await restoreTo(theirs, [file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(': 7 are missing'),
    })
    const given = await restoreTo(placeWithKey(key), [file, '--checkpoint', kept])
    expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining(': 2 are missing') })
  })

  /** Of what was backed up, when it is longer than anything that was restored. */
  async function longer(): Promise<string> {
    for (let n = 0; n < 20; n++) await log(trail.warden)
    return checkpointOf(trail.warden) ?? ''
  }
})

test('days that have ended are not exported again, with less than their files hold', async () => {
  const warden = await openTestWarden()
  await log(warden)
  const before = Date.parse('2026-01-10T02:00:00Z')
  warden.sql("INSERT INTO exported_days VALUES ('2026-01-09', ?, NULL)", before)
  const file = await backedUp(warden)
  const place = placeWithKey(`${warden.path}.signing-key`)
  expect((await restoreTo(place, [file])).code).toBe(0)
  const days = (contents(place.path).exported_days ?? []).map((row) => (row as { readonly day: string }).day)
  expect(daysDue(dayAfter(days.at(-1) ?? ''), Date.now(), 30)).toEqual([])
})
