import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/backup.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { backedUp, backUp, backupsIn, emptyPlace, verified, type Where } from '../support/backups.ts'
import { beforeWriting } from '../support/before-writing.ts'
import { openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { copyFolder, testDatabase } from '../support/database.ts'
import { runHere } from '../support/run-here.ts'
import { tamper } from '../support/tamper.ts'
import { readEntry } from '../support/trail.ts'

const performedBy = { phoneNumber: STRANGER }
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a backup', () => {
  test('taken while somebody writes all the time is complete, one file, and a beginning of the trail', async () => {
    const warden = await openTestWarden()
    // So large that writes come in between.
    warden.sql(`CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      SELECT randomblob(3000) AS bytes FROM n`)
    let isOver = false
    let written = 0
    const writing = (async () => {
      for (; !isOver; written++)
        expect(await warden.AuditLogger.logUsageQuery({ performedBy, queryType: `${written}` })).toBe('stored')
    })()
    const file = await backedUp(warden)
    isOver = true
    await writing
    expect(written).toBeGreaterThan(5)
    const { size, present, findings } = await verified(file, warden.folder)
    expect({ present, findings }).toEqual({ present: size, findings: [] })
    const checkpoint = readFileSync(`${file}.checkpoint`, 'utf8')
    expect(await verified(warden.path, warden.folder, checkpoint)).toMatchObject({ extends: size, findings: [] })
    expect(readdirSync(join(file, '..'))).toHaveLength(3)
  })

  test('is readable for its owner alone, has its hash beside it, and is an entry', async () => {
    const warden = await openTestWarden()
    const directory = join(temporaryFolder(), 'made')
    const { stdout } = await backUp(warden, [directory])
    const name = backupsIn(directory)[0] ?? ''
    const file = join(directory, name)
    expect([modeOf(directory), ...readdirSync(directory).map((each) => modeOf(join(directory, each)))]).toEqual([
      '700',
      '600',
      '600',
      '600',
    ])
    expect(readFileSync(`${file}.sha256`, 'utf8')).toBe(`${hashOf(file)}  ${name}\n`)
    const [entry] = (await warden.AuditLogRepository.findByAction('AUDIT_BACKUP_MADE')).map(readEntry)
    expect(entry).toMatchObject({
      phoneNumber: 'SYSTEM',
      metadata: { file: name, sha256: hashOf(file), size: entry?.seq, operator: expect.stringContaining('@') },
    })
    for (const told of [file, `${entry?.seq} entries`, `${statSync(file).size} bytes`]) expect(stdout).toContain(told)
    expect(stdout).toContain(`  ${warden.path}.signing-key\n`)
    expect(stdout).toContain(`  ${join(warden.folder, 'settings.key')}, when there is one`)
  })

  test('has the keys beside it where that is asked for', async () => {
    const warden = await openTestWarden()
    writeFileSync(join(warden.folder, 'settings.key'), `${'ab'.repeat(32)}\n`)
    const keys = `${await backedUp(warden, ['--keys'])}.keys`
    expect([modeOf(keys), ...readdirSync(keys)]).toEqual(['700', 'settings.key', 'signing-key'])
    for (const [name, path] of [
      ['settings.key', join(warden.folder, 'settings.key')],
      ['signing-key', `${warden.path}.signing-key`],
    ] as const) {
      expect(readFileSync(join(keys, name))).toEqual(readFileSync(path))
      expect(modeOf(join(keys, name))).toBe('600')
    }
  })

  test('of two at the same time gets a name of its own', async () => {
    const warden = await openTestWarden()
    const directory = temporaryFolder()
    const both = async () => Math.max(...(await Promise.all([run([directory]), run([directory])])))
    expect(await runHere(both, [], warden)).toMatchObject({ code: 0 })
    expect(backupsIn(directory)).toHaveLength(2)
    expect(readdirSync(directory)).toHaveLength(6)
  })
})

describe('a backup is not kept', () => {
  const cleanUps = shareCleanUps()
  let folderOfTrail = ''
  beforeAll(async () => {
    const warden = await openTestWarden({}, undefined, cleanUps.add)
    for (let n = 0; n < 200; n++) void warden.AuditLogger.logUsageQuery({ performedBy, queryType: 'x'.repeat(100) })
    await warden.close()
    folderOfTrail = warden.folder
  })
  /** A copy of the trail, in which nobody else is. */
  function copyOfTrail(): Where {
    const folder = temporaryFolder()
    copyFolder(folderOfTrail, folder)
    return { folder, path: testDatabase(folder).path }
  }
  const inDatabase = ({ path }: Where, sql: string) => new Database(path).exec(sql).close()

  test('of a trail that was changed, and says what was', async () => {
    const where = copyOfTrail()
    tamper(where.path, (database) => database.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 0"))
    const directory = temporaryFolder()
    const { code, stdout } = await backUp(where, [directory])
    expect(code).toBe(5)
    expect(stdout).toMatch(/^altered: entry 0 \([0-9a-f-]{36}\)$/m)
    expect(stdout).toMatch(/^4 findings\.$/m)
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('of a file that is damaged at %d tenths of it', async (tenth) => {
    const where = copyOfTrail()
    const bytes = readFileSync(where.path)
    const at = Math.floor((bytes.length * tenth) / 10)
    bytes.fill(0xa5, at, at + 9000)
    writeFileSync(where.path, bytes)
    const directory = temporaryFolder()
    expect(await backUp(where, [directory])).toMatchObject({ code: 5, stdout: expect.stringMatching(/^damaged: /) })
    expect(readdirSync(directory)).toEqual([])
  })

  test('where the trail takes no entry about it', async () => {
    const where = copyOfTrail()
    const refuse = "CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    beforeWriting(() => inDatabase(where, refuse))
    const directory = temporaryFolder()
    await expect(backUp(where, [directory])).rejects.toThrow(/disk full/)
    expect(readdirSync(directory)).toEqual([])
  })

  test('where the commit of the entry about it fails', async () => {
    const where = copyOfTrail()
    const fault = `CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER fault AFTER UPDATE ON audit_head BEGIN INSERT INTO child VALUES (1); END`
    beforeWriting(() => inDatabase(where, fault))
    const directory = temporaryFolder()
    await expect(backUp(where, ['--keys', directory])).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(readdirSync(directory)).toEqual([])
  })

  test('and nothing is made where there is no database, no key or no directory', async () => {
    const nowhere = emptyPlace()
    const directory = join(temporaryFolder(), 'made')
    expect(await backUp(nowhere, [directory])).toMatchObject({ code: 3, stdout: expect.stringContaining(nowhere.path) })
    const { path } = copyOfTrail()
    const copy = emptyPlace()
    new Database(path).exec(`VACUUM INTO '${copy.path}'`).close()
    expect(await backUp(copy, [directory])).toMatchObject({ code: 3, stdout: expect.stringContaining('signing-key') })
    expect([existsSync(directory), existsSync(`${copy.path}.signing-key`)]).toEqual([false, false])
    const told = await backUp({ path, folder: nowhere.folder }, [path])
    expect(told).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Could not back up: EEXIST/) })
    await expect(backUp(nowhere, [])).rejects.toThrow('backup needs one directory.')
  })
})

test('what killed runs left is removed, and nothing else', async () => {
  const warden = await openTestWarden()
  const directory = temporaryFolder()
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
  const [killed, older] = ['chatwarden-20260101T000000Z.db', 'chatwarden-20250101T000000Z.db']
  // No process has this number.
  const dead = `partial-${machine}-99999999`
  const left = [`${killed}.${dead}`, `${killed}.${dead}-journal`, `${killed}.sha256.${dead}`, `${killed}.checkpoint`]
  const others = [`${older}.${dead.replace(machine, '00000000')}`, `x.db.${dead}`, `${older}.sha256`, 'notes.txt']
  for (const name of [...left, ...others]) writeFileSync(join(directory, name), '')
  mkdirSync(join(directory, `${killed}.keys`))
  writeFileSync(join(directory, `${older}.partial-${machine}-${process.ppid}`), '')
  expect(await backUp(warden, [directory])).toMatchObject({ code: 0 })
  const names = readdirSync(directory)
  expect(names.filter((name) => name.startsWith(killed))).toEqual([])
  expect(names).toEqual(expect.arrayContaining([...others, `${older}.partial-${machine}-${process.ppid}`]))
})
