import { createRequire } from 'node:module'
import fc from 'fast-check'
import type { Phone } from '../../src/kernel/phone.ts'

/** What libphonenumber knows, by the places that its metadata has for it. */
interface Metadata {
  readonly countries: Readonly<Record<string, readonly unknown[]>>
  readonly nonGeographic: Readonly<Record<string, readonly unknown[]>>
}
export const PLACES = { code: 0, general: 2, prefix: 5, prefixWhenRead: 7, replacement: 8, types: 11 } as const

const { countries, nonGeographic }: Metadata = createRequire(import.meta.url)('libphonenumber-js/max/metadata')
export const PLANS = [...Object.entries(countries), ...Object.entries(nonGeographic)]

/** Numbers of a plan: of each of its kinds, and whatever else its general pattern says. */
export function numbersOf(plan: readonly unknown[]): fc.Arbitrary<Phone> {
  const types = (plan[PLACES.types] || []) as readonly (readonly [pattern?: string] | 0)[]
  const patterns = [String(plan[PLACES.general]), ...types.flatMap((type) => (type === 0 ? [] : type[0] || []))]
  return fc
    .oneof(...patterns.map((pattern) => fc.stringMatching(new RegExp(`^(?:${pattern})$`))))
    .map((national): Phone => `+${plan[PLACES.code]}${national}`)
    .filter((phone) => /^\+[0-9]{7,15}$/.test(phone))
}
