import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { OWNER, openTestWarden, STRANGER } from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'
import { platformSays } from '../support/platform-says.ts'
import { foundIn } from '../support/raw-bytes.ts'

const DIGITS = STRANGER.slice(1)
const LID = 'whatsapp:77700012345@lid'

test('somebody erased is out of the write-ahead log too once whoever was reading has ended', async () => {
  const warden = await openTestWarden()
  const flags = Array.from({ length: 300 }, () =>
    warden.AuditLogger.logModerationFlag({ user: { phoneNumber: STRANGER }, flaggedCategories: ['spam'] }),
  )
  await Promise.all(flags)
  platformSays(warden, LID, STRANGER)
  const code = codeIn(await warden.ask(OWNER, `!config audit erase ${STRANGER}`))
  const other = new Database(warden.path, { readonly: true })
  other.exec('BEGIN')
  other.prepare('SELECT count(*) FROM audit_logs').get()
  expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('answered')
  expect(foundIn(warden, [DIGITS, LID])).not.toEqual([])
  other.exec('COMMIT')
  other.close()
  await expect.poll(() => foundIn(warden, [DIGITS, LID])).toEqual([])
})
