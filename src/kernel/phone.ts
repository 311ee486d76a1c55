import { canonicalPhone } from './canonical-phone.ts'
import { isPossiblePhone, type Phone } from './e164.ts'

export { isPhone, isPossiblePhone, type Phone } from './e164.ts'

const ACCOUNT = /^([0-9]{7,15})(?::[0-9]{1,5})?@(?:c\.us|s\.whatsapp\.net)$/

/**
 * The phone in a platform's account id, `digits[:device]@c.us` or, as the protocol has it, `@s.whatsapp.net`. A LID
 * (`…@lid`) holds none.
 */
export function phoneOfAccount(id: string): Phone | undefined {
  const phone = `+${ACCOUNT.exec(id)?.[1]}`
  return isPossiblePhone(phone) ? canonicalPhone(phone) : undefined
}

/** The account that a device belongs to: `123:21@lid` is one of `123@lid`, by the way the platform writes ids. */
export const accountOf = (id: string): string => id.replace(/:[0-9]+@/, '@')

/** A WhatsApp LID, perhaps with a device: an account without its number. */
export const isLid = (id: string): boolean => /^[0-9]{1,20}(?::[0-9]{1,5})?@lid$/.test(id)

/** A number of which only the country and the last two digits can be read, e.g. `+15•••••••01`. */
export function maskPhone(phone: string): string {
  return phone.length < 7 ? phone : `${phone.slice(0, 3)}${'•'.repeat(phone.length - 5)}${phone.slice(-2)}`
}
