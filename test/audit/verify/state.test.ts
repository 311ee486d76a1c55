import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import { ADMIN, OPERATOR, OWNER, STRANGER, USER } from '../../support/chatwarden.ts'
import type { RawDatabase } from '../../support/database.ts'
import { onPostgres } from '../../support/database.ts'
import { ACCOUNT, HELD, LISTED, shareRichTrail } from '../../support/rich-trail.ts'
import { copyOf, findingsIn } from '../../support/tamper.ts'

/** No time that JavaScript has. */
const NEVER = onPostgres ? "'infinity'" : '9e18'

const shared = shareRichTrail()
const found = (act: (database: RawDatabase) => void, now = shared.trail.how.now) =>
  findingsIn(copyOf(shared.trail.path, act), { ...shared.trail.how, now })

describe('what the database says and no entry does is an unlogged change:', () => {
  const user = (phone: string, role: string) => `('id ${phone} ${role}', '${phone}', NULL, '${role}', false, 1, 1)`
  test.each<[what: string, sql: string, about: string]>([
    ['a role', `UPDATE users SET role = 'OWNER' WHERE phone_number = '${USER}'`, `role of ${USER}`],
    ['a lower role', `UPDATE users SET role = 'USER' WHERE phone_number = '${ADMIN}'`, `role of ${ADMIN}`],
    ['a user more', `INSERT INTO users VALUES ${user('+15559999999', 'OWNER')}`, 'role of +15559999999'],
    ['a user less', `DELETE FROM users WHERE phone_number = '${OPERATOR}'`, `role of ${OPERATOR}`],
    [
      'a second row of somebody, read before the first',
      `DROP INDEX users_phone_number_key; INSERT INTO users (${onPostgres ? 'name' : 'rowid'}, id, phone_number, role,
         created_at, updated_at) VALUES (-1, 'x', '${USER}', 'OWNER', 1, 1)`,
      `role of ${USER}`,
    ],
    [
      'somebody on the whitelist',
      `UPDATE users SET whitelisted = true WHERE phone_number = '${USER}'`,
      `whitelisting of ${USER}`,
    ],
    [
      'somebody off the whitelist',
      `UPDATE users SET whitelisted = false WHERE phone_number = '${LISTED}'`,
      `whitelisting of ${LISTED}`,
    ],
    ['a block more', `INSERT INTO blocks VALUES ('${USER}', NULL, NULL, '${OWNER}', 1)`, `block until of ${USER}`],
    ['a block less', `DELETE FROM blocks WHERE phone_number = '${STRANGER}'`, `block until of ${STRANGER}`],
    [
      'a longer block',
      `UPDATE blocks SET until = until + 1 WHERE phone_number = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    ['a shorter block', `UPDATE blocks SET until = 5 WHERE phone_number = '${LISTED}'`, `block until of ${LISTED}`],
    [
      'a block without an end',
      `UPDATE blocks SET until = NULL WHERE phone_number = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    [
      'a block until no time that there is',
      `UPDATE blocks SET until = ${NEVER} WHERE phone_number = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    [
      'a block by somebody lower',
      `UPDATE blocks SET blocked_by = '${OPERATOR}' WHERE phone_number = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    ['a hold more', `INSERT INTO audit_holds VALUES ('ALL', NULL, '${OWNER}', 1)`, 'legal hold on ALL'],
    ['a hold less', 'DELETE FROM audit_holds', `legal hold on ${HELD}`],
    ['a witness more', `INSERT INTO audit_witnesses VALUES ('${ADMIN}', 1)`, `daily checkpoint for ${ADMIN}`],
    ['a witness less', 'DELETE FROM audit_witnesses', `daily checkpoint for ${OWNER}`],
    ['a setting', `UPDATE settings SET value = '6' WHERE name = 'page-size'`, 'setting page-size'],
    ['a setting that is no JSON', `UPDATE settings SET value = '{' WHERE name = 'page-size'`, 'setting page-size'],
    ['a setting more', `INSERT INTO settings VALUES ('retention-days', '30', NULL, 1, 1)`, 'setting retention-days'],
    ['a setting less', `DELETE FROM settings WHERE name = 'page-size'`, 'setting page-size'],
    [
      'a setting that counts from no time that there is',
      `UPDATE settings SET effective_at = ${NEVER} WHERE name = 'page-size'`,
      'setting page-size',
    ],
    [
      'when a setting begins to count',
      `UPDATE settings SET effective_at = 9e12, previous = '1' WHERE name = 'page-size'`,
      'setting page-size',
    ],
    [
      'whose an account is',
      `UPDATE pinned_accounts SET phone_number = '${OWNER}'`,
      `number of the account of ${ACCOUNT}`,
    ],
    [
      'an account more',
      `INSERT INTO pinned_accounts VALUES ('7@lid', '${OWNER}', false, 1)`,
      'number of the account of 7@lid',
    ],
    ['an account less', 'DELETE FROM pinned_accounts', `number of the account of ${ACCOUNT}`],
    [
      'an account that an owner vouches for',
      'UPDATE pinned_accounts SET confirmed = true',
      `number of the account of ${ACCOUNT}`,
    ],
  ])('%s', async (_what, sql, about) => {
    const findings = await found((database) => database.exec(sql))
    expect(findings).toEqual([{ kind: 'unlogged change', about: expect.stringContaining(about) }])
  })

  test('a block that has ended says nothing, whether it is there or not', async () => {
    const later = shared.trail.how.now + 31 * DAY
    expect(await found(() => {}, later)).toEqual([])
    const sql = `DELETE FROM blocks WHERE phone_number = '${LISTED}'`
    expect(await found((database) => database.exec(sql), later)).toEqual([])
    expect(await found((database) => database.exec(`UPDATE blocks SET until = 9e12`), later)).toHaveLength(2)
  })

  test('a name, which is no authority, is not', async () => {
    expect(await found((database) => database.exec("UPDATE users SET name = 'x', updated_at = 5"))).toEqual([])
  })
})
