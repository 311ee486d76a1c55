import type { Phone } from './e164.ts'
import type { PhoneProblem } from './phone-spelling.ts'

/** The way to write a number that is read as it stands: the id of an account. */
export const certainForm = (phone: Phone): string => `${phone.slice(1)}@c.us`

/** What is wrong with what should be an account, in words that go on from it, for configuration and the command line. */
export function accountProblem(problem: PhoneProblem): string {
  switch (problem.kind) {
    case 'not-a-phone':
      return 'is not a phone number in international form or an account such as telegram:42'
    case 'national':
      return 'must begin with + and its country code'
    case 'twofold':
      return `may be either of two numbers: write ${problem.forms.map(certainForm).join(' or ')}`
  }
}
