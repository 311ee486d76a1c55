import type { Sender, Source } from '../kernel/message.ts'
import { isPhone, type Phone, phoneOfAccount } from '../kernel/phone.ts'
import { TRIAL_OWNER } from './user.ts'

/**
 * The phone number that a sender acts as; `undefined` if the platform does not tell it. The digits of a LID are
 * no phone number, and neither is a group: both stay unresolved, and unresolved means no role at all.
 */
export function resolveSender(sender: Sender, source: Source): Phone | undefined {
  const phone = phoneOfAccount(sender.id) ?? given(sender.phone) ?? given(sender.id)
  // The trial owner lives in the terminal alone; nobody becomes it by having its number on a platform.
  return phone === TRIAL_OWNER && source !== 'terminal' && source !== 'cli' ? undefined : phone
}

const given = (text: string | undefined): Phone | undefined => (text !== undefined && isPhone(text) ? text : undefined)
