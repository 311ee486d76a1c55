import type { Phone } from '../kernel/phone.ts'
import { phoneProblem } from '../kernel/phone-problem.ts'
import { readPhone } from '../kernel/phone-spelling.ts'
import { list } from './variable.ts'

const SEEDS = ['OWNER_PHONE_NUMBERS', 'ADMIN_PHONE_NUMBERS', 'OPERATOR_PHONE_NUMBERS'] as const

/** The numbers that are given a role, each in one list only; what is wrong with them goes to `problems` by variable. */
export function seedNumbers(
  given: Readonly<Record<string, string | undefined>>,
  country: string | undefined,
  problems: Map<string, string>,
) {
  const seen = new Map<Phone, string>()
  const read = (name: (typeof SEEDS)[number]): readonly Phone[] => {
    const numbers = list(given[name] ?? '').flatMap((text) => {
      const reading = readPhone(text, country)
      if (reading.kind !== 'phone') {
        if (!problems.has(name)) problems.set(name, `holds ${JSON.stringify(text)}, which ${phoneProblem(reading)}`)
        return []
      }
      const { phone } = reading
      const other = seen.get(phone)
      if (other !== undefined && other !== name) problems.set(name, `holds ${phone}, which is in ${other} too`)
      const isNew = other === undefined
      seen.set(phone, other ?? name)
      return isNew ? [phone] : []
    })
    return Object.freeze(numbers)
  }
  return {
    OWNER_PHONE_NUMBERS: read('OWNER_PHONE_NUMBERS'),
    ADMIN_PHONE_NUMBERS: read('ADMIN_PHONE_NUMBERS'),
    OPERATOR_PHONE_NUMBERS: read('OPERATOR_PHONE_NUMBERS'),
  }
}
