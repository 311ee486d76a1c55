import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../../src/audit/entry/entry.ts'
import { EVENT_TYPES } from '../../../src/audit/entry/event-types.ts'
import { Signer, type Verifier } from '../../../src/audit/tree/note.ts'
import { handOverText } from '../../../src/audit/verify/keys.ts'
import { AuditWriter } from '../../../src/audit/write/audit-writer.ts'
import { SigningKey } from '../../../src/audit/write/signing-key.ts'
import { DAY, systemClock } from '../../../src/kernel/clock.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { FakeClock, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../../support/chatwarden.ts'
import { CLI, runNode } from '../../support/child.ts'
import { environmentOf, testDatabase, urlOf } from '../../support/database.ts'
import { copyOf, findingsIn, keyIn, tamper, verifyFile } from '../../support/tamper.ts'
import { keyOf } from '../../support/writer.ts'

const NAME = 'example.com/trail'
const reset = ({ AuditLogger }: TestWarden) => AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
const keyPath = (folder: string) => `${testDatabase(folder).path}.signing-key`
const headOf = (warden: TestWarden) =>
  warden.sql<{ checkpoint: string }>('SELECT checkpoint FROM audit_head')[0]?.checkpoint ?? ''
const how = (key: Verifier, checkpoint?: string) => ({ keys: [key], now: Date.now(), checkpoint })

const cli = (folder: string, args: readonly string[], env: Record<string, string> = {}) =>
  runNode([CLI, ...args], {
    cwd: folder,
    env: { ...environmentOf(testDatabase(folder).path), ...env },
  })

test('a key is made at the first use, for its owner alone', async () => {
  const { folder } = await openTestWarden()
  expect(statSync(keyPath(folder)).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.includes('signing-key'))).toEqual([basename(keyPath(folder))])
})

describe('a start is refused', () => {
  const key = Signer.generate(NAME).export()
  test.each<[string, Record<string, string>, string]>([
    ['words', { AUDIT_SIGNING_KEY: 'words' }, 'AUDIT_SIGNING_KEY'],
    ['a public key', { AUDIT_SIGNING_KEY: Signer.generate(NAME).verifier.toString() }, 'AUDIT_SIGNING_KEY'],
    ['a key that was cut', { AUDIT_SIGNING_KEY: key.slice(0, -4) }, 'AUDIT_SIGNING_KEY'],
    ['a key with another id', { AUDIT_SIGNING_KEY: key.replace(/\+[0-9a-f]{8}\+/, '+00000000+') }, 'AUDIT_SIGNING_KEY'],
    ['a key of another name', { AUDIT_SIGNING_KEY: key, AUDIT_ORIGIN: 'example.com/other' }, 'AUDIT_ORIGIN'],
    ['a name of several words', { AUDIT_ORIGIN: 'two words' }, 'AUDIT_ORIGIN'],
  ])('with %s, naming what is wrong', async (_what, env, variable) => {
    const opening = openTestWarden({ env })
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(variable) })
  })

  test('with another name than that of the key that was made', async () => {
    const { folder, close } = await openTestWarden()
    await close()
    const opening = openTestWarden({ env: { AUDIT_ORIGIN: NAME } }, folder)
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('AUDIT_ORIGIN'),
    })
  })

  test('with another key than the one that signed, saying what to do', async () => {
    const { folder, close } = await openTestWarden()
    await close()
    const advice = (command: string) => ({ code: 'CONFIG_INVALID', message: expect.stringContaining(command) })
    const old = advice('chatwarden key rotate --old')
    await expect(openTestWarden({ env: { AUDIT_SIGNING_KEY: key } }, folder)).rejects.toMatchObject(old)
    renameSync(keyPath(folder), `${keyPath(folder)}.away`)
    await expect(openTestWarden({}, folder)).rejects.toMatchObject(advice('chatwarden key rotate --lost'))
    // One that was made in its place would hide that it is lost.
    expect(existsSync(keyPath(folder))).toBe(false)
  })
})

test('chatwarden key shows the public key, and makes none where the bot has not started', async () => {
  const { folder } = await openTestWarden()
  expect(await cli(folder, ['key'])).toMatchObject({ code: 0, stdout: `${keyIn(folder)}\n` })
  const empty = temporaryFolder()
  expect(await cli(empty, ['key'])).toMatchObject({ code: 3, stderr: expect.stringContaining('There is no key') })
  expect(readdirSync(empty)).toEqual([])
})

describe('chatwarden key rotate', () => {
  test('lets an instance that is open go on with the new key, and who trusts the old one follows', async () => {
    const warden = await openTestWarden()
    const old = keyIn(warden.folder)
    const before = headOf(warden)
    await reset(warden)
    expect(await cli(warden.folder, ['key', 'rotate'])).toMatchObject({ code: 0, stderr: '' })
    const next = keyIn(warden.folder)
    expect(next.toString()).not.toBe(old.toString())
    expect(statSync(keyPath(warden.folder)).mode & 0o777).toBe(0o600)
    expect(await reset(warden)).toBe('stored')
    for (const key of [old, next])
      expect(await verifyFile(warden.path, how(key, before))).toMatchObject({ findings: [], extends: 4 })
    expect(await cli(warden.folder, ['verify', '--key', old.toString()])).toMatchObject({ code: 0 })
  })

  test('a key that was replaced signs no more, though it is trusted', async () => {
    const warden = await openTestWarden()
    const signer = Signer.parse(readFileSync(keyPath(warden.folder), 'utf8'))
    await cli(warden.folder, ['key', 'rotate'])
    await reset(warden)
    const text = `${headOf(warden).split('\n\n')[0]}\n`
    await warden.close()
    const copy = copyOf(warden.path, (database) =>
      database.prepare('UPDATE audit_head SET checkpoint = ?').run(signer.sign(text)),
    )
    for (const keys of [[signer.verifier], [signer.verifier, keyIn(warden.folder)]])
      expect(await findingsIn(copy, { ...how(signer.verifier), keys })).toMatchObject([{ kind: 'bad signature' }])
  })

  test.each([false, true])(
    'a crash before the new key was put in its place heals at the next start or write: open %s',
    async (isOpen) => {
      const warden = await openTestWarden()
      const folder = warden.folder
      const old = readFileSync(keyPath(folder), 'utf8')
      if (!isOpen) await warden.close()
      await cli(folder, ['key', 'rotate'])
      renameSync(keyPath(folder), `${keyPath(folder)}.next`)
      writeFileSync(keyPath(folder), old, { mode: 0o600 })
      const next = isOpen ? warden : await openTestWarden({}, folder)
      expect(await reset(next)).toBe('stored')
      expect(readdirSync(folder).filter((name) => name.includes('signing-key'))).toEqual([basename(keyPath(folder))])
      expect(readFileSync(keyPath(folder), 'utf8')).not.toBe(old)
      expect(await findingsIn(next.path, how(keyIn(folder)))).toEqual([])
    },
  )

  test('a crash before the commit leaves the old key in force', async () => {
    const warden = await openTestWarden()
    const { folder } = warden
    writeFileSync(`${keyPath(folder)}.next`, `${Signer.generate(keyIn(folder).name).export()}\n`)
    expect(await reset(warden)).toBe('stored')
    expect(await cli(folder, ['key', 'rotate'])).toMatchObject({ code: 0 })
    expect(await reset(warden)).toBe('stored')
    expect(await findingsIn(warden.path, how(keyIn(folder)))).toEqual([])
  })

  test('from one configured key to the next', async () => {
    const [first, second] = [Signer.generate(NAME), Signer.generate(NAME)]
    const warden = await openTestWarden({ env: { AUDIT_SIGNING_KEY: first.export() } })
    await warden.close()
    const { folder } = warden
    const env = { AUDIT_SIGNING_KEY: second.export() }
    const file = join(folder, 'old.key')
    writeFileSync(file, first.export())
    expect(await cli(folder, ['key', 'rotate'], env)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--old FILE'),
    })
    expect(await cli(folder, ['key', 'rotate', '--old', file], env)).toMatchObject({ code: 0 })
    const next = await openTestWarden({ env, clock: new FakeClock(Date.now() + 400 * DAY) }, folder)
    expect(await reset(next)).toBe('stored')
    // Long after: what hands over outlives its retention.
    expect(await next.cleanupExpiredAuditLogs()).toBe(0)
    for (const { verifier } of [first, second]) expect(await findingsIn(next.path, how(verifier))).toEqual([])
    expect(readdirSync(folder).filter((name) => name.includes('signing-key'))).toEqual([])
  })

  test('without the old key is found by who trusts that one, and by nobody else', async () => {
    const warden = await openTestWarden()
    const { folder } = warden
    const old = keyIn(folder)
    await warden.close()
    renameSync(keyPath(folder), join(temporaryFolder(), 'lost.key'))
    const env = { AUDIT_SIGNING_KEY: Signer.generate(old.name).export() }
    // The trail keeps its name.
    expect(
      await cli(folder, ['key', 'rotate', '--lost'], { AUDIT_SIGNING_KEY: Signer.generate(NAME).export() }),
    ).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(old.name),
    })
    expect(await cli(folder, ['key', 'rotate', '--lost'], env)).toMatchObject({ code: 0 })
    const next = await openTestWarden({ env }, folder)
    await reset(next)
    expect(await findingsIn(next.path, how(Signer.parse(env.AUDIT_SIGNING_KEY).verifier))).toEqual([])
    expect(await findingsIn(next.path, how(old))).toMatchObject([{ kind: 'bad signature' }])
  })
})

test('a copy that went another way, signed by the same key, is no extension of the other', async () => {
  const warden = await openTestWarden()
  const { folder, path } = warden
  await warden.close()
  const away = dirname(copyOf(path))
  copyFileSync(keyPath(folder), keyPath(away))
  const [one, other] = [await openTestWarden({}, folder), await openTestWarden({}, away)]
  await reset(one)
  for (let entries = 0; entries < 3; entries++) await reset(other)
  const kept = headOf(one)
  expect(await findingsIn(other.path, how(keyIn(folder)))).toEqual([])
  expect(await verifyFile(other.path, how(keyIn(folder), kept))).toMatchObject({
    findings: [{ kind: 'rolled back', about: 'the trail is not what the kept checkpoint of 5 entries says' }],
    extends: undefined,
  })
})

test.each<[string, (old: Signer, next: Signer) => string | undefined]>([
  ['nobody', () => undefined],
  ['the new key itself', (_old, next) => next.sign(handOverText(next.verifier, next.verifier))],
  ['the old key, for another one', (old) => old.sign(handOverText(old.verifier, Signer.generate(NAME).verifier))],
])('a hand-over that %s signed is found by who trusts the old key', async (_who, statementOf) => {
  const [old, next] = [Signer.generate(NAME), Signer.generate(NAME)]
  const warden = await openTestWarden({ env: { AUDIT_SIGNING_KEY: old.export() } })
  const { folder, path } = warden
  await warden.close()
  const database = await openDatabase(urlOf(path))
  const config = { databaseUrl: urlOf(path), dataDir: folder, origin: undefined }
  const key = new SigningKey({ ...config, signingKey: next.export() })
  const writer = new AuditWriter(database, EVENT_TYPES, systemClock, key, { acceptsHead: true })
  const [oldKey, newKey, statement] = [old.verifier.toString(), next.verifier.toString(), statementOf(old, next)]
  await writer.append(auditEvent('AUDIT_KEY_ROTATED', SYSTEM, SYSTEM_PLACE, { oldKey, newKey, statement }))
  await database.close()
  expect(await findingsIn(path, how(old.verifier))).toEqual([
    { kind: 'bad signature', entries: [4, 4], about: expect.stringContaining(newKey) },
  ])
})

test('two processes that put the next key in its place at once both go on', async () => {
  const { folder } = await openTestWarden()
  const [one, other] = [0, 1].map(() => keyOf(testDatabase(folder).path))
  const next = Signer.generate(keyIn(folder).name)
  one?.prepare(next)
  other?.takeUp(other.prepared() as Signer)
  one?.takeUp(next)
  expect(keyIn(folder).toString()).toBe(next.verifier.toString())
  expect(() => one?.takeUp(Signer.generate(NAME))).toThrow('ENOENT')
})

describe('nothing is written on a trail that is not what was signed:', () => {
  test.each<[string, string]>([
    ['a changed leaf', 'UPDATE audit_tiles SET hashes = randomblob(length(hashes))'],
    ['a shortened tile', 'UPDATE audit_tiles SET hashes = substr(hashes, 1, 32)'],
    ['another size', 'UPDATE audit_head SET size = size + 1'],
    ['a head that is garbage', "UPDATE audit_head SET checkpoint = 'garbage'"],
    ['a head without its signature', "UPDATE audit_head SET checkpoint = ''"],
    [
      'a signature of another text',
      "UPDATE audit_head SET size = 3, checkpoint = replace(checkpoint, char(10) || '4', char(10) || '3')",
    ],
  ])('%s', async (_what, sql) => {
    const { folder, path, close } = await openTestWarden()
    await close()
    tamper(path, (database) => database.exec(sql))
    const warden = await openTestWarden({}, folder)
    const before = warden.sql('SELECT * FROM audit_logs')
    const entry = { action: 'CONVERSATION_RESET', phoneNumber: OWNER }
    await expect(warden.AuditLogRepository.create(entry)).rejects.toMatchObject({ code: 'TRAIL_DAMAGED' })
    expect(await reset(warden)).toBe('spooled')
    expect((await warden.say(OWNER, '!config role list')).status).toBe('failed')
    expect(warden.sql('SELECT * FROM audit_logs')).toEqual(before)
  })
})
