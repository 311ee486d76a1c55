import { sealBy } from '../../src/audit/write/row-seals.ts'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { archivesIn, log, openArchiving } from './archiving.ts'
import type { AtEnd } from './at-end.ts'
import { ADMIN, FakeClock, OPERATOR, OWNER, OWNER2, STRANGER, type TestWarden, USER } from './chatwarden.ts'
import { confirmed } from './confirming.ts'
import { platformSays } from './platform-says.ts'
import { ACCOUNT, fromAccount, HELD, LISTED } from './rich-trail.ts'
import { keyIn, type VerifyHow } from './tamper.ts'
import { keyOf } from './writer.ts'

/** Who has been denied something, and is nobody. */
export const DENIED = '+15550007003'
const OWNER3 = '+15550000103'
const OWNER4 = '+15550000104'

export interface FullTrail {
  /** A closed database with two rows or more in every table that a bot of before had a use for. */
  readonly path: string
  readonly how: VerifyHow
}

/** What a chat, a platform and jobs left in the tables that no command of the tests fills, as the bot would have it. */
function leave(warden: TestWarden, now: number): void {
  const [{ id: ownerId } = { id: '' }] = warden.sql<{ id: string }>(
    `SELECT user_id AS id FROM accounts WHERE account = '${OWNER}'`,
  )
  const key = keyOf(warden.path).current()
  platformSays(warden, 'whatsapp:7001@lid', '+15550007001', now)
  platformSays(warden, 'whatsapp:7002@lid', '+15550007002', now)
  for (const id of ['one', 'two']) {
    const message = JSON.stringify({ id, chat: { id, kind: 'private' }, sender: { id } })
    const reply = JSON.stringify({ audience: 'sender', text: `Hello ${id}` })
    const seal = sealBy(key, ['outbox_messages', id, 'api', message, reply, now])
    warden.sql('INSERT INTO outbox_messages VALUES (?, ?, ?, ?, NULL, ?, ?)', id, 'api', message, reply, now, seal)
  }
  for (const [sender, chat, position, until] of [
    [ownerId, OWNER, '9', now + 9 * MINUTE],
    ['two', 'two', '8', now - 1],
  ] as const) {
    const row = [sender, chat, 'audit list', '{}', position, until] as const
    warden.sql('INSERT INTO page_cursors VALUES (?, ?, ?, ?, ?, ?, ?)', ...row, sealBy(key, ['page_cursors', ...row]))
  }
  for (const row of [
    [0, 9 * MINUTE],
    [1, DAY],
  ] as const) {
    warden.sql('INSERT INTO clock_doubts VALUES (?, ?, ?)', ...row, sealBy(key, ['clock_doubts', ...row]))
  }
  for (const [table, ...values] of [
    ['leases', 'one', 'x', now, now],
    ['leases', 'two', 'y', now - 1, null],
    ['rate_limits', 'user:1', 1, now],
    ['rate_limits', 'user:2', 2, now - 1],
    ['cost_totals', 'day:2026-01-02', 1.5, '[]'],
    ['cost_totals', 'month:2026-01', 2.5, '[1]'],
    ['audit_replays', 'one', now],
    ['audit_replays', 'two', now - 1],
    ['audit_imports', 'one', now],
    ['audit_imports', 'two', now - 1],
    ['shared_objects', 'shared/one', now],
    ['shared_objects', 'shared/two', now - 1],
    ['exported_days', '2026-01-02', now, null],
    ['exported_days', '2026-01-03', now - 1, now],
  ] as const)
    warden.sql(`INSERT INTO ${table} VALUES (${values.map(() => '?').join()})`, ...values)
}

/** A trail after a full life: archives, what came back from one, requests, refusals, owners who are new. */
export async function makeFullTrail(atEnd?: AtEnd): Promise<FullTrail> {
  // The command line goes by the machine's clock.
  const clock = new FakeClock(Date.now() - 62 * DAY)
  const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
  const { warden, directory, cli, cleanUp } = await openArchiving({ clock, env, atEnd })
  const say = (by: string, text: string, more = {}) => warden.say(by, `!config ${text}`, more)
  for (const _ of [1, 2]) {
    await log(warden, 4, STRANGER)
    await log(warden, 2, LISTED)
    clock.advance(31 * DAY)
    await cleanUp()
  }
  await confirmed(warden, `audit erase ${LISTED}`)
  await cleanUp()
  await cli('restore', archivesIn(directory)[0] ?? '')
  clock.advance(MINUTE)
  for (const command of [
    `role promote ${USER} USER`,
    `whitelist add ${LISTED}`,
    `user block ${STRANGER} the reason`,
    `user block ${LISTED} for 300d another reason`,
    `audit hold add ${HELD} the case`,
    'audit hold add matrix:@a:example.org',
    'audit checkpoint daily',
    'set page-size 1',
    'set timezone Europe/Berlin',
    'audit list',
  ])
    await say(OWNER, command)
  await say(OWNER2, 'audit checkpoint daily')
  await say(OWNER2, 'audit list')
  for (const owner of [OWNER3, OWNER4]) await confirmed(warden, `role promote ${owner} OWNER`)
  await say(DENIED, 'role list')
  for (const [phone, account] of [
    [ADMIN, ACCOUNT],
    [OPERATOR, '9002@lid'],
    [ADMIN, '9003@lid'],
    [OPERATOR, '9004@lid'],
  ] as const)
    await say(phone, 'audit mine', fromAccount(phone, account))
  for (const who of [STRANGER, LISTED, USER]) await say(who, 'role list')
  await say(OWNER, `audit erase ${USER}`)
  leave(warden, clock.time)
  await warden.close()
  return { path: warden.path, how: { keys: [keyIn(warden.folder)], now: clock.time } }
}
