import { expect, test } from 'vitest'
import { OWNER, openTestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { child, runNode } from '../support/child.ts'
import { environmentOf } from '../support/database.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'

test('kill -9 before any statement of a command leaves all of it or nothing, and the next one works', async () => {
  const folder = temporaryFolder()
  const first = await openTestWarden({}, folder)
  const { path } = first
  await first.close()
  const env = {
    ...environmentOf(path),
    CHAT: 'whatsapp',
    OWNER_PHONE_NUMBERS: OWNER,
    LOG_LEVEL: 'silent',
  }
  let killed = 0
  for (let nth = 1; ; nth++) {
    const { signal, stdout, stderr } = await runNode([child('promote-until-killed.mjs'), `${nth}`, OWNER, USER], {
      env,
    })
    const warden = await openTestWarden({}, folder)
    const count = (table: string, where = 'true') =>
      warden.sql<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`)[0]?.n
    const present = [
      count('users', `id NOT IN (SELECT user_id FROM accounts WHERE account <> '${USER}')`),
      count('accounts', `account = '${USER}'`),
      count('audit_logs', `action = 'ROLE_CHANGE' AND resource_id = '${USER}'`),
      count('accounts', 'phone IS NOT NULL'),
      count('outbox_messages'),
      count('processed_messages', `message_id = 'promote ${nth}'`),
    ]
    const isDone = signal === null
    expect({ nth, stderr, present }).toEqual({ nth, stderr: '', present: present.map(() => (isDone ? 1 : 0)) })
    expect(await findingsIn(path, { keys: [keyIn(folder)], now: Date.now() })).toEqual([])
    expect((await warden.say(OWNER, '!config audit mine', { source: 'cli' })).status).toBe('answered')
    await warden.close()
    if (isDone) {
      expect(stdout).toBe('done\n')
      break
    }
    killed++
  }
  expect(killed).toBeGreaterThan(12)
  console.log(`killed before each of ${killed} statements: all or nothing`)
})
