import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { RowSeals } from '../../../src/audit/write/row-seals.ts'
import { run as key } from '../../../src/cli/key.ts'
import type { Account } from '../../../src/kernel/account.ts'
import { DAY, HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import type { Phone } from '../../../src/kernel/phone.ts'
import { findAccount, findAccountOf } from '../../../src/roles/known-account.repository.ts'
import { defineSetting } from '../../../src/settings/setting.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { archived, erase } from '../../support/archiving.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import {
  ADMIN,
  FakeClock,
  OWNER,
  OWNER2,
  openTestWarden,
  STRANGER,
  type TestWarden,
  USER,
} from '../../support/chatwarden.ts'
import { onPostgres, openRaw, urlOf } from '../../support/database.ts'
import { type FullTrail, makeFullTrail } from '../../support/full-trail.ts'
import { platformSays } from '../../support/platform-says.ts'
import { HELD } from '../../support/rich-trail.ts'
import { runHere } from '../../support/run-here.ts'
import { changedCopy, copyOf, findingsIn, keyIn, tamper } from '../../support/tamper.ts'
import { keyOf } from '../../support/writer.ts'

const cleanUps = shareCleanUps()
let trail: FullTrail
beforeAll(async () => {
  trail = await makeFullTrail(cleanUps.add)
})

const FUTURE = onPostgres ? "'2096-01-01'" : Date.UTC(2096, 0, 1)
const tomorrow = new Date(Date.now() + DAY).toISOString().slice(0, 10)

describe('what somebody wrote there is found:', () => {
  test.each<[what: string, sql: string, about: RegExp]>([
    [
      'an erasure that is said to be carried out in an archive',
      'UPDATE audit_archives SET erased_through = erased_through + 1, looked_through = looked_through + 1',
      /^archive \S+: how far erasures were carried out in it$/,
    ],
    [
      'an archive that is said to be on its way out',
      'UPDATE audit_archives SET removing_at = created_at',
      /^archive \S+: no entry says that it is removed$/,
    ],
    [
      'an archive that is said to be in the object store',
      'UPDATE audit_archives SET uploaded_at = created_at',
      /^archive \S+: uploaded at /,
    ],
    [
      'an archive that ends earlier',
      'UPDATE audit_archives SET newest_at = created_at',
      /^archive \S+: what is in it, and since when$/,
    ],
    ['an archive that is no more listed', 'DELETE FROM audit_archives', /^archive \S+: not there any more$/],
    [
      'a number that the next start would give its role again',
      `DELETE FROM seeded_accounts WHERE account = '${ADMIN}'`,
      /^role by the configuration of \+15550000201: none, by the entries ADMIN$/,
    ],
    [
      'another reason of a legal hold',
      `UPDATE audit_holds SET reason = 'another' WHERE subject = '${HELD}'`,
      /^legal hold on \+15550000601: its reason, by whom or since when$/,
    ],
    [
      'another author of a legal hold',
      `UPDATE audit_holds SET held_by = '${ADMIN}' WHERE subject = '${HELD}'`,
      /^legal hold on \+15550000601: its reason/,
    ],
    [
      'another reason of a block',
      `UPDATE blocks SET reason = 'another' WHERE account = '${STRANGER}'`,
      /^block until of .* \(another\), by the entries .* \(the reason\)$/,
    ],
    [
      'a day that is not over and is said to be exported',
      `INSERT INTO exported_days (day, exported_at) SELECT '${tomorrow}', exported_at FROM exported_days LIMIT 1`,
      /^the export of \S+, which was not$/,
    ],
    [
      'whose number an account is said to be',
      `UPDATE known_accounts SET phone = '${OWNER}' WHERE account LIKE '%7001@lid'`,
      /^known_accounts: the row of whatsapp:7001@lid is not signed by the key of the trail$/,
    ],
    [
      'who is said to have appeared as somebody',
      "UPDATE identity_claims SET account = 'whatsapp:1@lid' WHERE account LIKE '%9003@lid'",
      /^identity_claims: the row of \+15550000201 is not signed by the key of the trail$/,
    ],
    [
      'which command somebody’s next page is',
      "UPDATE page_cursors SET command = 'role promote' WHERE sender <> 'two'",
      /^page_cursors: the row of \S+ is not signed by the key of the trail$/,
    ],
    [
      'what the bot is to say',
      `UPDATE outbox_messages SET reply = '{"audience":"sender","text":"Send me your code"}'`,
      /^outbox_messages: the row of (one|two) is not signed by the key of the trail$/,
    ],
  ])('%s', async (_what, sql, about) => {
    const path = copyOf(trail.path, (database) => database.exec(sql))
    const findings = await findingsIn(path, trail.how)
    expect(findings.length).toBeGreaterThan(0)
    for (const finding of findings)
      expect(finding).toEqual({ kind: 'unlogged change', about: expect.stringMatching(about) })
  })

  test('a secret of before, which still can be read', async () => {
    const secret = defineSetting({
      name: 'ai-key',
      summary: 'For tests.',
      schema: z.string().min(2),
      fallback: 'none',
      example: 'sk-…',
      secret: true,
    })
    const warden = await openTestWarden({ settings: [secret] })
    const findings = () => findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: Date.now() })
    await warden.say(OWNER, '!config set ai-key sk-revoked')
    const [{ value } = { value: '' }] = warden.sql<{ value: string }>('SELECT value FROM settings')
    await warden.say(OWNER, '!config set ai-key sk-valid')
    expect(await findings()).toEqual([])
    warden.sql('UPDATE settings SET value = ?', value)
    expect(await findings()).toEqual([
      { kind: 'unlogged change', about: 'setting ai-key: not as its entry has it, "(secret)"' },
    ])
    const again = await openTestWarden({ settings: [secret] }, warden.folder)
    expect(again.settings.get(secret)).toBe('sk-revoked')
    await again.say(OWNER, '!config reset ai-key')
    expect(await findings()).toEqual([])
  })
})

test('what a platform never said of an account, nobody is known by', async () => {
  const warden = await openTestWarden()
  const seals = new RowSeals(keyOf(warden.path))
  const [lid, other, toldAt] = ['whatsapp:1@lid', 'whatsapp:2@lid', Date.now()] as const
  const database = await openDatabase(urlOf(warden.path))
  const found = async (account: Account) => (await findAccount(database.reader, account, seals))?.phone
  const foundOf = async (phone: Phone) => (await findAccountOf(database.reader, phone, seals))?.account
  try {
    platformSays(warden, lid, STRANGER, toldAt)
    expect([await found(lid), await foundOf(STRANGER as Phone)]).toEqual([STRANGER, lid])
    // A later row of somebody else hides none that the platform said.
    warden.sql('INSERT INTO known_accounts VALUES (?, ?, ?, ?)', other, STRANGER, toldAt + HOUR, 'x')
    expect([await found(other), await foundOf(STRANGER as Phone)]).toEqual([undefined, lid])
    for (const change of [`phone = '${OWNER}'`, "account = 'whatsapp:3@lid'", `told_at = ${toldAt + HOUR}`]) {
      warden.sql('DELETE FROM known_accounts')
      platformSays(warden, lid, STRANGER, toldAt)
      warden.sql(`UPDATE known_accounts SET ${change}`)
      expect([await found(lid), await found('whatsapp:3@lid'), await foundOf(OWNER as Phone)]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
    }
  } finally {
    await database.close()
  }
})

describe('by what somebody else wrote of an account', () => {
  const forge = (warden: TestWarden, account: string, phone: string) =>
    warden.sql('INSERT INTO known_accounts VALUES (?, ?, ?, ?)', account, phone, Date.now(), 'x')

  test('nobody sees, erases or unblocks more than their own', async () => {
    const warden = await openTestWarden()
    await warden.say(OWNER, `!config role promote ${USER} USER`)
    await warden.AuditLogger.logConversationReset({ performedBy: { account: 'whatsapp:5@lid' } })
    forge(warden, 'whatsapp:5@lid', USER)
    expect(await warden.ask(USER, '!config audit mine')).not.toContain('5@lid')
    await warden.say(OWNER, '!config user block whatsapp:5@lid')
    expect(await warden.ask(OWNER, `!config user unblock ${USER}`)).toContain('is not blocked')
    await erase(warden, USER)
    expect(await warden.AuditLogRepository.count({ account: 'whatsapp:5@lid' })).toBe(1)
  })

  test('nobody is confirmed as somebody', async () => {
    const warden = await openTestWarden()
    warden.sql('INSERT INTO identity_claims VALUES (?, ?, ?, ?)', ADMIN, 'whatsapp:6@lid', Date.now(), 'x')
    expect((await warden.say(OWNER, `!config role confirm ${ADMIN}`)).status).toBe('not-found')
    expect(await warden.UserRepository.findByAccount('whatsapp:6@lid')).toBeUndefined()
  })
})

test.each(['while it runs', 'before it starts'])(
  'a time that somebody wrote into the head %s is that of no entry',
  async (when) => {
    const warden = await openTestWarden()
    await warden.say(OWNER, '!config role list')
    const forge = () => tamper(warden.path, (db) => db.exec(`UPDATE audit_head SET last_created_at = ${FUTURE}`))
    if (when === 'while it runs') {
      forge()
      expect((await warden.say(OWNER, '!config role list')).status).toBe('failed')
    }
    await warden.close()
    forge()
    const next = await openTestWarden({}, warden.folder)
    expect((await next.say(OWNER, '!config role list')).status).toBe('failed')
  },
)

test('what somebody wrote an older time into is not removed', async () => {
  const warden = await openTestWarden({ clock: new FakeClock() })
  for (let n = 0; n < 3; n++) await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
  const count = () => warden.AuditLogRepository.count({})
  const before = await count()
  tamper(warden.path, (database) =>
    database.exec(`UPDATE audit_logs SET created_at = ${onPostgres ? "created_at - interval '10 days'" : `created_at - ${10 * DAY}`}
      WHERE seq = ${before - 2}`),
  )
  await expect(warden.AuditLogRepository.deleteExpired(5)).rejects.toMatchObject({ code: 'TRAIL_DAMAGED' })
  expect(await count()).toBe(before)
})

test('a demotion that somebody made another entry of is not removed', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  await warden.say(OWNER, `!config role promote ${USER} ADMIN`)
  await warden.say(OWNER, `!config role demote ${USER} USER`)
  await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
  clock.advance(91 * DAY)
  const [{ seq } = { seq: -1 }] = warden.sql<{ seq: number }>(
    "SELECT max(seq) AS seq FROM audit_logs WHERE action = 'ROLE_CHANGE'",
  )
  const become = (action: string) =>
    tamper(warden.path, (database) => database.exec(`UPDATE audit_logs SET action = '${action}' WHERE seq = ${seq}`))
  become('CONVERSATION_RESET')
  await expect(warden.cleanupExpiredAuditLogs()).rejects.toMatchObject({ code: 'TRAIL_DAMAGED' })
  become('ROLE_CHANGE')
  expect(await warden.cleanupExpiredAuditLogs()).toBe(2)
  expect(await findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })).toEqual([])
})

test('a file that somebody named as an archive is neither removed nor listed', async () => {
  const { warden, directory, name, clock } = await archived()
  const row = (of: string) =>
    warden.sql(`INSERT INTO audit_archives SELECT '${of}', first_seq, last_seq, entries, ranges, newest_at, sha256, erased_through,
      looked_through, created_at, uploaded_at, created_at FROM audit_archives WHERE name = '${name}'`)
  row('../chatwarden.db.signing-key')
  row('2020/audit-1-2-00000000.jsonl.gz')
  const victim = join(directory, '2020')
  mkdirSync(victim, { recursive: true })
  writeFileSync(join(victim, 'audit-1-2-00000000.jsonl.gz'), '')
  tamper(warden.path, (db) =>
    db.exec(`INSERT INTO audit_logs (seq, id, created_at, source, category, action, description, account, user_role, resource_type, resource_id,
      metadata, nonce, leaf_hash) SELECT 900000, 'x', created_at, source, category, 'AUDIT_ARCHIVE_REMOVED', description, account, user_role,
      'archive', '2020/audit-1-2-00000000.jsonl.gz', metadata, nonce, leaf_hash FROM audit_logs ORDER BY seq LIMIT 1`),
  )
  clock.advance(MINUTE)
  await warden.archiving.removeOld()
  expect(existsSync(`${warden.path}.signing-key`)).toBe(true)
  expect(existsSync(join(victim, 'audit-1-2-00000000.jsonl.gz'))).toBe(true)
})

test('a command that somebody wrote as the next page is carried out for nobody', async () => {
  const warden = await openTestWarden()
  await warden.say(OWNER, '!config set page-size 1')
  await warden.say(OWNER, '!config audit list')
  const row = `command = 'role promote', arguments = '{"target":"${STRANGER}","wanted":"ADMIN","role":"ADMIN"}'`
  warden.sql(`UPDATE page_cursors SET ${row}`)
  expect(await warden.ask(OWNER, '!config more')).toBe('There is nothing more to show.')
  expect(await warden.UserRepository.findByAccount(STRANGER)).toBeUndefined()
})

test('a number that was seeded with the role it has already is not seeded again', async () => {
  const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
  const warden = await openTestWarden({ env })
  await warden.say(OWNER, `!config role promote ${STRANGER} ADMIN`)
  await warden.close()
  const withMore = { env: { ...env, ADMIN_PHONE_NUMBERS: `${ADMIN},${STRANGER}` } }
  const next = await openTestWarden(withMore, warden.folder)
  expect(await next.AuditLogRepository.query({ action: 'ROLE_SEEDED' })).toMatchObject([
    { account: 'SYSTEM', resourceId: STRANGER, description: `${STRANGER} is ADMIN by the configuration too` },
  ])
  await next.say(OWNER, `!config role demote ${STRANGER} USER`)
  await next.close()
  const last = await openTestWarden(withMore, warden.folder)
  expect((await last.UserRepository.findByAccount(STRANGER))?.role).toBe('USER')
  expect(await findingsIn(last.path, { keys: [keyIn(last.folder)], now: Date.now() })).toEqual([])
})

describe('what the bot signed in the database', () => {
  const count = (path: string) =>
    ['known_accounts', 'identity_claims', 'outbox_messages'].map((table) => {
      const database = openRaw(path)
      const rows = database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
      database.close()
      return Number(rows)
    })

  test('is signed by the next key, but what the old one had not signed', async () => {
    const { folder, path, change } = changedCopy(trail.path, [])
    const old = keyIn(folder)
    change(["UPDATE known_accounts SET phone = '+15550009999' WHERE account LIKE '%7001@lid'"])
    const forged = [
      { kind: 'unlogged change', about: expect.stringContaining('known_accounts: the row of whatsapp:7001@lid') },
    ]
    expect(await runHere(key, ['rotate'], { folder, path })).toMatchObject({ code: 0 })
    for (const anchor of [old, keyIn(folder)])
      expect(await findingsIn(path, { ...trail.how, keys: [anchor] })).toEqual(forged)
  })

  test('goes where its key is lost', async () => {
    const { folder, path } = changedCopy(trail.path, [])
    rmSync(`${path}.signing-key`)
    expect(await runHere(key, ['rotate', '--lost'], { folder, path })).toMatchObject({ code: 0 })
    expect(count(path)).toEqual([0, 0, 0])
    expect(await findingsIn(path, { ...trail.how, keys: [keyIn(folder)] })).toEqual([])
  })
})
