import { isPhone } from '../../kernel/phone.ts'
import { whom } from '../markup.ts'

/** Whom something is about, as document 002 has it of a number. */
export const accountLine = (account: string): string =>
  isPhone(account) ? `📞 Phone: ${whom(account)}` : `🪪 Account: ${whom(account)}`
