import { existsSync, readdirSync, renameSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { Signer } from '../../src/audit/tree/note.ts'
import { AuditWriter } from '../../src/audit/write/audit-writer.ts'
import { checkSigningKey } from '../../src/audit/write/check-key.ts'
import { run as keyCommand } from '../../src/cli/key.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { testDatabase, urlOf } from '../support/database.ts'
import { headAt } from '../support/head.ts'
import { runHere } from '../support/run-here.ts'
import { findingsIn, keyIn, tamper } from '../support/tamper.ts'
import { keyOf, numbered } from '../support/writer.ts'

const keysIn = (folder: string) => readdirSync(folder).filter((name) => name.includes('signing-key'))
const nameOf = async (path: string) => (await headAt(urlOf(path))).split('\n')[0]

/** A closed trail. */
async function made(folder = temporaryFolder()) {
  const warden = await openTestWarden({}, folder)
  await warden.close()
  const { path } = warden
  return { folder, path, key: `${path}.signing-key`, next: `${path}.signing-key.next` }
}

test('of several first starts at once all have one key, in its place', async () => {
  const folder = temporaryFolder()
  const wardens = await Promise.all([1, 2, 3].map(() => openTestWarden({}, folder)))
  for (const warden of wardens) await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
  const [{ path } = { path: '' }] = wardens
  for (const warden of wardens) await warden.close()
  expect(existsSync(`${path}.signing-key`)).toBe(true)
  expect(await findingsIn(path, { keys: [keyIn(folder)], now: Date.now() })).toEqual([])
})

test('a start that ended before its first commit leaves nothing that says there was a trail', async () => {
  const { key } = await made()
  const elsewhere = temporaryFolder()
  const { path } = testDatabase(elsewhere)
  renameSync(key, `${path}.signing-key.next`)
  const warden = await openTestWarden({}, elsewhere)
  expect(keysIn(elsewhere)).toHaveLength(1)
  await warden.close()
  expect(await findingsIn(path, { keys: [keyIn(elsewhere)], now: Date.now() })).toEqual([])
})

test('a key that did not get its place after its first commit gets it at the next start', async () => {
  const { folder, path, key, next } = await made()
  const name = await nameOf(path)
  renameSync(key, next)
  const warden = await openTestWarden({}, folder)
  expect([existsSync(key), existsSync(next), await nameOf(path)]).toEqual([true, false, name])
  await warden.close()
  expect(await findingsIn(path, { keys: [keyIn(folder)], now: Date.now() })).toEqual([])
})

test('where its trail is gone no other begins with its name, until it is restored or the key is moved away', async () => {
  const { path, key } = await made()
  const origin = await nameOf(path)
  const elsewhere = temporaryFolder()
  const place = { folder: elsewhere, path: testDatabase(elsewhere).path }
  renameSync(key, `${place.path}.signing-key`)
  const refusal = { code: 'CONFIG_INVALID', message: expect.stringContaining('chatwarden restore DIR') }
  await expect(openTestWarden({}, elsewhere)).rejects.toMatchObject(refusal)
  renameSync(`${place.path}.signing-key`, `${place.path}.away`)
  const warden = await openTestWarden({}, elsewhere)
  await warden.close()
  expect(await nameOf(place.path)).not.toBe(origin)
})

test('a key never gets the place of one that has signed, whatever lies beside it by then', async () => {
  const { path } = testDatabase(temporaryFolder())
  const [first, second] = [keyOf(path), keyOf(path)]
  expect(first.current().export()).toBe(second.current().export())
  first.settle()
  const next = Signer.generate(first.current().verifier.name)
  first.prepare(next)
  second.settle()
  expect(keyOf(path).current().export()).toBe(first.current().export())
  expect(keyOf(path).prepared()?.export()).toBe(next.export())
})

test('what is committed without an entry says nothing of a trail', async () => {
  const folder = temporaryFolder()
  const { path, url } = testDatabase(folder)
  const database = await openDatabase(url)
  try {
    const key = keyOf(path)
    await checkSigningKey(database.reader, key)
    const writer = new AuditWriter(database, EVENT_TYPES, systemClock, key)
    await writer.transaction(async () => {})
    await checkSigningKey(database.reader, keyOf(path))
    expect(keyOf(path).isInPlace).toBe(false)
    await writer.transaction(async (tx) => void (await tx.append(numbered(1))))
    expect(keyOf(path).isInPlace).toBe(true)
  } finally {
    await database.close()
  }
})

describe('after a crash between its first commit and its place, a key', () => {
  async function crashed() {
    const trail = await made()
    const verifier = keyIn(trail.folder)
    renameSync(trail.key, trail.next)
    return { ...trail, how: { keys: [verifier], now: Date.now() } }
  }

  test('can be replaced by another, and signs for it', async () => {
    const { how, ...trail } = await crashed()
    expect((await runHere(keyCommand, ['rotate'], trail)).code).toBe(0)
    expect(await findingsIn(trail.path, how)).toEqual([])
  })

  test('is there when what was to replace it could not be written', async () => {
    const { how, ...trail } = await crashed()
    tamper(trail.path, (database) => database.exec('DELETE FROM audit_tiles'))
    await expect(runHere(keyCommand, ['rotate'], trail)).rejects.toMatchObject({ code: 'TRAIL_DAMAGED' })
    expect(String(keyOf(trail.path).current().verifier)).toBe(String(how.keys[0]))
  })

  test('is not lost', async () => {
    const { how, ...trail } = await crashed()
    const refusal = { message: expect.stringContaining('The key is not lost') }
    await expect(runHere(keyCommand, ['rotate', '--lost'], trail)).rejects.toMatchObject(refusal)
    expect((await runHere(keyCommand, ['--no-entry'], trail)).stdout).toBe(`${how.keys[0]}\n`)
  })
})
