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
  test.each<[what: string, sql: string, about: string]>([
    [
      'a role',
      `UPDATE users SET role = 'OWNER' WHERE id = (SELECT user_id FROM accounts WHERE account = '${USER}')`,
      `role of ${USER}`,
    ],
    [
      'a lower role',
      `UPDATE users SET role = 'USER' WHERE id = (SELECT user_id FROM accounts WHERE account = '${ADMIN}')`,
      `role of ${ADMIN}`,
    ],
    ['a user more', "INSERT INTO users VALUES ('x', NULL, 'OWNER', false, 1, 1)", 'role of user x'],
    [
      'a user less',
      `DELETE FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = '${OPERATOR}')`,
      `role of ${OPERATOR}`,
    ],
    [
      'an account of somebody that is an owner’s',
      `UPDATE accounts SET user_id = (SELECT user_id FROM accounts WHERE account = '${OWNER}') WHERE account = '${USER}'`,
      `person of the account of ${USER}`,
    ],
    [
      'an account more of an owner',
      `INSERT INTO accounts SELECT 'telegram:7', user_id, 'given', NULL, 1 FROM accounts WHERE account = '${OWNER}'`,
      'person of the account of telegram:7',
    ],
    [
      'a second row of an account, read before the first',
      `ALTER TABLE accounts RENAME TO was; CREATE TABLE accounts AS SELECT * FROM was WHERE false;
       INSERT INTO accounts SELECT '${USER}', user_id, proof, phone, since FROM was WHERE account = '${OWNER}';
       INSERT INTO accounts SELECT * FROM was; DROP TABLE was`,
      `person of the account of ${USER}`,
    ],
    [
      'a second row of somebody, read before the first',
      `ALTER TABLE users RENAME TO was; CREATE TABLE users AS SELECT * FROM was WHERE false;
       INSERT INTO users SELECT user_id, NULL, 'OWNER', false, since, since FROM accounts WHERE account = '${USER}';
       INSERT INTO users SELECT * FROM was; DROP TABLE was`,
      `role of ${USER}`,
    ],
    [
      'somebody on the whitelist',
      `UPDATE users SET whitelisted = true WHERE id = (SELECT user_id FROM accounts WHERE account = '${USER}')`,
      `whitelisting of ${USER}`,
    ],
    [
      'somebody off the whitelist',
      `UPDATE users SET whitelisted = false WHERE id = (SELECT user_id FROM accounts WHERE account = '${LISTED}')`,
      `whitelisting of ${LISTED}`,
    ],
    ['a block more', `INSERT INTO blocks VALUES ('${USER}', NULL, NULL, '${OWNER}', 1)`, `block until of ${USER}`],
    ['a block less', `DELETE FROM blocks WHERE account = '${STRANGER}'`, `block until of ${STRANGER}`],
    ['a longer block', `UPDATE blocks SET until = until + 1 WHERE account = '${LISTED}'`, `block until of ${LISTED}`],
    ['a shorter block', `UPDATE blocks SET until = 5 WHERE account = '${LISTED}'`, `block until of ${LISTED}`],
    [
      'a block without an end',
      `UPDATE blocks SET until = NULL WHERE account = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    [
      'a block until no time that there is',
      `UPDATE blocks SET until = ${NEVER} WHERE account = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    [
      'a block by somebody lower',
      `UPDATE blocks SET blocked_by = '${OPERATOR}' WHERE account = '${LISTED}'`,
      `block until of ${LISTED}`,
    ],
    ['a hold more', `INSERT INTO audit_holds VALUES ('ALL', NULL, '${OWNER}', 1)`, 'legal hold on ALL'],
    ['a hold less', `DELETE FROM audit_holds WHERE subject = '${HELD}'`, `legal hold on ${HELD}`],
    [
      'a hold less on another platform',
      "DELETE FROM audit_holds WHERE subject LIKE 'matrix:%'",
      'matrix:@a:example.org',
    ],
    ['a block less there', "DELETE FROM blocks WHERE account LIKE 'slack:%'", 'block until of slack:T1/U9'],
    [
      'a role there',
      "UPDATE users SET role = 'OWNER' WHERE role = 'OPERATOR' AND id IN (SELECT user_id FROM accounts WHERE account = 'telegram:77')",
      'role of telegram:77',
    ],
    [
      'an account less there',
      "DELETE FROM accounts WHERE account = 'shop:user-9'",
      'person of the account of shop:user-9',
    ],
    [
      'a witness more',
      `INSERT INTO audit_witnesses SELECT user_id, 1 FROM accounts WHERE account = '${ADMIN}'`,
      `daily checkpoint for ${ADMIN}`,
    ],
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
      'a setting that a clock which is set back would make wait',
      "UPDATE settings SET effective_at = updated_at WHERE name = 'page-size'",
      'setting page-size',
    ],
    [
      'when a setting begins to count',
      `UPDATE settings SET effective_at = 9e12, previous = '1' WHERE name = 'page-size'`,
      'setting page-size',
    ],
    [
      'whose an account is that was seen with a number',
      `UPDATE accounts SET user_id = (SELECT user_id FROM accounts WHERE account = '${OWNER}') WHERE phone IS NOT NULL`,
      `person of the account of whatsapp:${ACCOUNT}`,
    ],
    [
      'with which number an account counts',
      `UPDATE accounts SET phone = '${OWNER}' WHERE phone IS NOT NULL`,
      `person of the account of whatsapp:${ACCOUNT}`,
    ],
    [
      'an account more',
      `INSERT INTO accounts SELECT 'whatsapp:7@lid', user_id, 'seen', account, 1 FROM accounts WHERE account = '${OWNER}'`,
      'person of the account of whatsapp:7@lid',
    ],
    ['an account less', 'DELETE FROM accounts WHERE phone IS NOT NULL', `person of the account of whatsapp:${ACCOUNT}`],
    [
      'an account that an owner vouches for',
      "UPDATE accounts SET proof = 'confirmed' WHERE phone IS NOT NULL",
      `person of the account of whatsapp:${ACCOUNT}`,
    ],
  ])('%s', async (_what, sql, about) => {
    const findings = await found((database) => database.exec(sql))
    // Where one table has taken the place of another, that is found besides.
    expect(findings.some(({ kind }) => kind === 'altered schema')).toBe(sql.includes('CREATE TABLE'))
    // On a server nothing is read through what is not ours.
    const isRead = !onPostgres || !sql.includes('CREATE TABLE')
    expect(findings.filter(({ kind }) => kind !== 'altered schema')).toEqual(
      isRead ? [{ kind: 'unlogged change', about: expect.stringContaining(about) }] : [],
    )
  })

  test('a block that has ended says nothing, whether it is there or not', async () => {
    const later = shared.trail.how.now + 31 * DAY
    expect(await found(() => {}, later)).toEqual([])
    const sql = `DELETE FROM blocks WHERE account = '${LISTED}'`
    expect(await found((database) => database.exec(sql), later)).toEqual([])
    expect(await found((database) => database.exec(`UPDATE blocks SET until = 9e12`), later)).toHaveLength(3)
  })

  test('a name, which is no authority, is not', async () => {
    expect(await found((database) => database.exec("UPDATE users SET name = 'x', updated_at = 5"))).toEqual([])
  })
})
