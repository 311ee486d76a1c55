import { type Account, readAccount } from '../kernel/account.ts'
import { accountProblem } from '../kernel/phone-problem.ts'
import { list } from './variable.ts'

const SEEDS = ['OWNER_PHONE_NUMBERS', 'ADMIN_PHONE_NUMBERS', 'OPERATOR_PHONE_NUMBERS'] as const

/** The accounts that are given a role, each in one list only; what is wrong with them goes to `problems` by variable. */
export function seedNumbers(
  given: Readonly<Record<string, string | undefined>>,
  country: string | undefined,
  problems: Map<string, string>,
) {
  const seen = new Map<Account, string>()
  const read = (name: (typeof SEEDS)[number]): readonly Account[] => {
    const accounts = list(given[name] ?? '').flatMap((text) => {
      const reading = readAccount(text, country)
      if (reading.kind !== 'account') {
        if (!problems.has(name)) problems.set(name, `holds ${JSON.stringify(text)}, which ${accountProblem(reading)}`)
        return []
      }
      const { account } = reading
      const other = seen.get(account)
      if (other !== undefined && other !== name) problems.set(name, `holds ${account}, which is in ${other} too`)
      const isNew = other === undefined
      seen.set(account, other ?? name)
      return isNew ? [account] : []
    })
    return Object.freeze(accounts)
  }
  return {
    OWNER_PHONE_NUMBERS: read('OWNER_PHONE_NUMBERS'),
    ADMIN_PHONE_NUMBERS: read('ADMIN_PHONE_NUMBERS'),
    OPERATOR_PHONE_NUMBERS: read('OPERATOR_PHONE_NUMBERS'),
  }
}
