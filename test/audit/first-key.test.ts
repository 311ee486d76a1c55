import { existsSync, readdirSync, renameSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { testDatabase, urlOf } from '../support/database.ts'
import { headAt } from '../support/head.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'

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
  const { folder, key, next } = await made()
  const elsewhere = temporaryFolder()
  const { path } = testDatabase(elsewhere)
  renameSync(key, `${path}.signing-key.next`)
  const warden = await openTestWarden({}, elsewhere)
  expect(keysIn(elsewhere)).toHaveLength(1)
  await warden.close()
  expect(await findingsIn(path, { keys: [keyIn(elsewhere)], now: Date.now() })).toEqual([])
  expect([existsSync(next), keysIn(folder)]).toEqual([false, []])
})

test('a key that did not get its place after its first commit gets it at the next start', async () => {
  const { folder, path, key, next } = await made()
  const name = await nameOf(path)
  renameSync(key, next)
  const warden = await openTestWarden({}, folder)
  await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
  await warden.close()
  expect([existsSync(key), existsSync(next), await nameOf(path)]).toEqual([true, false, name])
  expect(await findingsIn(path, { keys: [keyIn(folder)], now: Date.now() })).toEqual([])
})

test('where its trail is gone no other begins with its name, until it is restored or the key is moved away', async () => {
  const { folder, path, key } = await made()
  const origin = await nameOf(path)
  const elsewhere = temporaryFolder()
  const place = { folder: elsewhere, path: testDatabase(elsewhere).path }
  renameSync(key, `${place.path}.signing-key`)
  const refusal = { code: 'CONFIG_INVALID', message: expect.stringContaining('chatwarden restore DIR') }
  await expect(openTestWarden({}, elsewhere)).rejects.toMatchObject(refusal)
  expect(existsSync(folder)).toBe(true)
  renameSync(`${place.path}.signing-key`, `${place.path}.away`)
  const warden = await openTestWarden({}, elsewhere)
  await warden.close()
  expect(await nameOf(place.path)).not.toBe(origin)
})
