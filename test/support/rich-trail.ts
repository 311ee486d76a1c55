import { beforeAll } from 'vitest'
import { MINUTE } from '../../src/kernel/clock.ts'
import { type AtEnd, shareCleanUps } from './at-end.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
  USER,
} from './chatwarden.ts'
import { copyDatabase } from './database.ts'
import { keyIn, type VerifyHow } from './tamper.ts'

export const LISTED = '+15550000501'
export const HELD = '+15550000601'
export const ACCOUNT = '9001@lid'

/** A WhatsApp message, with the account that the platform names and its number where it tells that. */
export const fromAccount = (phone: string | undefined, account: string) => ({
  source: 'whatsapp' as const,
  chat: { id: account, kind: 'private' as const },
  sender: { id: account, ...(phone !== undefined && { phone }), account },
})

export interface RichTrail {
  /** A closed database with more entries than two tiles hold. */
  readonly path: string
  readonly how: VerifyHow
  /** The same trail as it was when it was half as long, and its checkpoint. */
  readonly early: { readonly path: string; readonly size: number; readonly checkpoint: string }
  readonly size: number
  readonly checkpoint: string
}

const head = (warden: TestWarden) =>
  warden.sql<{ size: number; checkpoint: string }>('SELECT size, checkpoint FROM audit_head')[0] as {
    size: number
    checkpoint: string
  }

const fill = async (warden: TestWarden, size: number) => {
  const missing = size - head(warden).size
  const performedBy = { id: 'u1', phoneNumber: OPERATOR, role: 'OPERATOR', name: 'Olga' }
  await Promise.all(Array.from({ length: missing }, () => warden.AuditLogger.logConversationReset({ performedBy })))
}

/** A trail of 700 entries that establish something of each kind. */
async function makeRichTrail(atEnd: AtEnd): Promise<RichTrail> {
  const folder = temporaryFolder(atEnd)
  const clock = new FakeClock()
  const first = await openTestWarden({ clock }, folder, () => {})
  await first.say(OWNER, `!config role promote ${USER} USER`)
  await fill(first, 350)
  const then = head(first)
  await first.close()
  const early = { path: copyDatabase(first.path, folder, 'early').path, ...then }

  const warden = await openTestWarden({ clock }, folder, () => {})
  clock.advance(MINUTE)
  for (const command of [
    `whitelist add ${LISTED}`,
    `user block ${STRANGER} the reason`,
    `user block ${LISTED} for 30d`,
    `audit hold add ${HELD}`,
    'role promote telegram:77 OPERATOR',
    'whitelist add shop:user-9',
    'user block slack:T1/U9 spam',
    'audit hold add matrix:@a:example.org',
    'audit checkpoint daily',
    'set page-size 5',
    'set timezone Europe/Berlin',
  ])
    await warden.say(OWNER, `!config ${command}`)
  await warden.say(ADMIN, '!config role list', fromAccount(ADMIN, ACCOUNT))
  await fill(warden, 700)
  const { size, checkpoint } = head(warden)
  const path = warden.path
  await warden.close()
  return { path, how: { keys: [keyIn(folder)], now: clock.time }, early, size, checkpoint }
}

/** One for all tests of a file. */
export function shareRichTrail(): { readonly trail: RichTrail } {
  const cleanUps = shareCleanUps()
  let trail: RichTrail | undefined
  beforeAll(async () => {
    trail = await makeRichTrail(cleanUps.add)
  })
  return {
    get trail() {
      if (trail === undefined) throw new Error('The trail is there only while the tests of its file run.')
      return trail
    },
  }
}
