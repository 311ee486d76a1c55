import { beforeAll, describe, expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import type { Database } from '../../../src/storage/contract.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import { FakeClock, OWNER, openTestWarden, USER } from '../../support/chatwarden.ts'
import { onPostgres, openRaw, type RawDatabase } from '../../support/database.ts'

const IMMUTABLE = 'audit entries are immutable'
const UNCOVERED = 'audit entries leave only by retention or erasure'
const GROWS = 'the tree only grows'

const [LONGER, LONG_AGO] = onPostgres ? ['substr(hashes, 2) || hashes', "'1970-01-01'"] : ['zeroblob(32 * 200)', '0']

const cleanUps = shareCleanUps()
let database: Database
let raw: RawDatabase
let covered: number
beforeAll(async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock }, undefined, cleanUps.add)
  for (let n = 0; n < 5; n++) await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
  clock.advance(91 * DAY)
  const [{ seq } = { seq: -1 }] = await warden.AuditLogRepository.getRecent(1)
  covered = seq
  await warden.cleanupExpiredAuditLogs()
  await warden.say(OWNER, `!config role promote ${USER} USER`)
  raw = openRaw(warden.path)
  database = await openDatabase(warden.url)
  cleanUps.add(() => database.close())
  cleanUps.add(() => void raw.close())
})

/** By casual SQL, and by our own connection. */
async function refused(sql: string): Promise<string[]> {
  const before = JSON.stringify(
    ['audit_logs', 'audit_tiles', 'audit_head'].map((name) => raw.prepare(`SELECT * FROM ${name}`).all()),
  )
  const messages: string[] = []
  try {
    raw.exec(sql)
  } catch (error) {
    messages.push((error as Error).message)
  }
  await database
    .transaction(async (tx) => void (await tx.$executeRawUnsafe(sql)))
    .catch((error: Error) => messages.push(error.message.replace(/^.* carried out\. /, '')))
  const after = ['audit_logs', 'audit_tiles', 'audit_head'].map((name) => raw.prepare(`SELECT * FROM ${name}`).all())
  expect(JSON.stringify(after)).toBe(before)
  return messages
}

describe('the database itself refuses', () => {
  const columns = [
    'seq',
    'id',
    'created_at',
    'source',
    'category',
    'action',
    'description',
    'user_id',
    'account',
    'actor_name',
  ]
  const others = [
    'user_role',
    'resource_type',
    'resource_id',
    'subject_id',
    'channel_id',
    'request_id',
    'ip_address',
    'user_agent',
    'metadata',
    'nonce',
    'leaf_hash',
  ]
  test.each([...columns, ...others])('to change %s of an entry', async (column) => {
    const last = '(SELECT max(seq) FROM audit_logs)'
    const value = onPostgres ? column : '900'
    expect(await refused(`UPDATE audit_logs SET ${column} = ${value} WHERE seq = ${last}`)).toEqual([
      IMMUTABLE,
      IMMUTABLE,
    ])
  })

  test.each<[string, string, string]>([
    ['to delete an entry', 'DELETE FROM audit_logs WHERE seq = 0', UNCOVERED],
    ['to delete the last entry', 'DELETE FROM audit_logs WHERE seq = (SELECT max(seq) FROM audit_logs)', UNCOVERED],
    ['to delete all', 'DELETE FROM audit_logs', UNCOVERED],
    ['to lengthen a tile by changing it', `UPDATE audit_tiles SET hashes = ${LONGER}`, GROWS],
    ['to shorten a tile', 'UPDATE audit_tiles SET hashes = substr(hashes, 1, 32)', GROWS],
    ['to move a tile', 'UPDATE audit_tiles SET idx = idx + 1', GROWS],
    ['to delete a tile', 'DELETE FROM audit_tiles', GROWS],
    ['to delete the head', 'DELETE FROM audit_head', 'the trail has a head'],
    ['to move the head', 'UPDATE audit_head SET id = 2', 'the trail only grows'],
    ['to shrink the head', 'UPDATE audit_head SET size = size - 1', 'the trail only grows'],
    ['to turn the head back', `UPDATE audit_head SET last_created_at = ${LONG_AGO}`, 'the trail only grows'],
  ])('%s', async (_what, sql, message) => {
    expect(await refused(sql)).toEqual([message, message])
  })

  test('to delete what retention covers, once another entry came', async () => {
    const row = `INSERT INTO audit_logs SELECT ${covered}, 'again', created_at, source, category, action, description, user_id,
      account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id, ip_address, user_agent,
      metadata, nonce, leaf_hash FROM audit_logs WHERE seq = 0`
    raw.exec(row)
    expect(await refused(`DELETE FROM audit_logs WHERE seq = ${covered}`)).toEqual([UNCOVERED, UNCOVERED])
  })

  test('to put another row in the place of one, on our own connections', async () => {
    const onConflict: [sql: string, message: string][] = [
      [
        "INSERT INTO audit_head VALUES (1, 0, '1970-01-01', '') ON CONFLICT (id) DO UPDATE SET size = 0",
        'the trail only grows',
      ],
      [
        "INSERT INTO audit_tiles VALUES (0, 0, '') ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes",
        GROWS,
      ],
    ]
    const replacements: [sql: string, message: string][] = [
      [
        `INSERT OR REPLACE INTO audit_logs SELECT seq, 'other', created_at, source, category, action, description, user_id,
        account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id, ip_address, user_agent,
        metadata, nonce, leaf_hash FROM audit_logs WHERE seq = 0`,
        UNCOVERED,
      ],
      ["REPLACE INTO audit_head VALUES (1, 0, 0, '')", 'the trail has a head'],
      ['REPLACE INTO audit_tiles VALUES (0, 0, zeroblob(32))', GROWS],
    ]
    for (const [sql, message] of onPostgres ? onConflict : replacements)
      await expect(database.transaction(async (tx) => void (await tx.$executeRawUnsafe(sql)))).rejects.toThrow(message)
  })
})
