import { expect } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, openTestWarden, type TestWarden, USER } from './chatwarden.ts'
import { codeIn } from './confirming.ts'
import { findingsIn, keyIn } from './tamper.ts'

export const LID = '8001@lid'
export const OTHER_LID = '8002@lid'
export const idOf = (account: string) => `(SELECT user_id FROM accounts WHERE account = '${account}')`
export const giveRole = (account: string, role: string) =>
  `UPDATE users SET role = '${role}' WHERE id = ${idOf(account)}`

export async function openInOrder(owners: readonly string[] = [OWNER]) {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: owners.join(',') } })
  const say = (by: string, text: string) => warden.say(by, `!config ${text}`)
  await say(OWNER, `role promote ${USER} USER`)
  const findings = () => findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })
  return { warden, clock, say, findings }
}
export type Opened = Awaited<ReturnType<typeof openInOrder>>

/** An entry of somebody, as a host reports it. */
export const note = ({ warden }: Opened, phoneNumber: string) =>
  warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber } })

/** Removes what is old some time later. */
export async function cleanUp({ warden, clock }: Opened, time = 91 * DAY): Promise<void> {
  clock.advance(time)
  expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(0)
}

/** What somebody asks for, and confirms themself. */
export async function alone({ say }: Opened, command: string, by = OWNER): Promise<void> {
  const { replies } = await say(by, command)
  expect((await say(by, `confirm ${codeIn(replies[0]?.text)}`)).status).toBe('answered')
}

export const answered = async (opened: Opened, by: string, command: string) =>
  expect((await opened.say(by, command)).status).toBe('answered')

/** Somebody as entries name who acted. */
export const actor = async ({ UserRepository }: TestWarden, account: string) => {
  const user = await UserRepository.findByAccount(account)
  return { account, role: user?.role ?? 'NONE', userId: user?.id }
}
