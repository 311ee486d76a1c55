import type { Handled, Reply } from '../../src/kernel/message.ts'
import { OWNER, OWNER2, type TestWarden } from './chatwarden.ts'

export const codeIn = (text = ''): string => /!config confirm (\d{6})/.exec(text)?.[1] ?? ''

export const noteTo = ({ replies }: Handled, phone: string): Reply | undefined =>
  replies.find(({ audience }) => typeof audience === 'object' && audience.account === phone)

/** The code that somebody was told. */
export const codeFor = (asked: Handled, phone: string): string => codeIn(noteTo(asked, phone)?.text)

/** One owner asks, another confirms. */
export async function confirmed(warden: TestWarden, command: string, by = OWNER, other = OWNER2): Promise<Handled> {
  const asked = await warden.say(by, `!config ${command}`)
  return warden.say(other, `!config confirm ${codeFor(asked, other)}`)
}
