import { createRequire } from 'node:module'
import { isPhone, type Phone } from './e164.ts'

interface PlannedNumber {
  readonly number: string
  isValid(): boolean
}

interface Plan {
  nationalPrefix(): string | undefined
  /** Of all national numbers that there may be, whatever they are for. */
  nationalNumberPattern(): string
}

interface Library {
  readonly PhoneNumber: new (country: string, national: string, metadata: Tables) => PlannedNumber
  readonly Metadata: new (
    tables: Tables,
  ) => { selectNumberingPlan(countryOrCode: string): void; readonly numberingPlan: Plan }
  parsePhoneNumberFromString(text: string, country: string, metadata: Tables): PlannedNumber | undefined
}

/** The metadata of libphonenumber, of which these are keys by calling code and by country. */
interface Tables {
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>
  readonly countries: Readonly<Record<string, unknown>>
  readonly nonGeographic: Readonly<Record<string, unknown>>
}

let loaded: { readonly library: Library; readonly tables: Tables } | undefined

/** Loaded on demand: they take longer to load than everything else a single command needs. */
function plans(): NonNullable<typeof loaded> {
  const load = createRequire(import.meta.url)
  // The small tables know lengths only, and call numbers valid that nobody can have.
  loaded ??= { library: load('libphonenumber-js/core'), tables: load('libphonenumber-js/max/metadata') }
  return loaded
}

export const isCountry = (code: string): boolean => Object.hasOwn(plans().tables.countries, code)

/** The calling code of a number and what follows it; `undefined` if no plan has such a code. */
export function splitPhone(phone: Phone): { readonly code: string; readonly national: string } | undefined {
  const { country_calling_codes: codes, nonGeographic } = plans().tables
  // No code is the beginning of another.
  const code = [2, 3, 4]
    .map((end) => phone.slice(1, end))
    .find((start) => Object.hasOwn(codes, start) || Object.hasOwn(nonGeographic, start))
  return code === undefined ? undefined : { code, national: phone.slice(1 + code.length) }
}

/** Whether some country's plan, of those that share the calling code, has this number exactly as it stands. */
export function isByPlan(phone: Phone): boolean {
  const { library, tables } = plans()
  const { code = '', national = '' } = splitPhone(phone) ?? {}
  return national !== '' && ownersOf(code).some((owner) => new library.PhoneNumber(owner, national, tables).isValid())
}

/** Whether a plan leaves room for such a number, given out or not. */
export function couldBeByPlan(phone: Phone): boolean {
  const { code = '', national = '' } = splitPhone(phone) ?? {}
  return ownersOf(code).some((owner) => new RegExp(`^(?:${planOf(owner).nationalNumberPattern()})$`).test(national))
}

/** The countries of a calling code; a code of no country is its own. */
const ownersOf = (code: string): readonly string[] =>
  plans().tables.country_calling_codes[code] ?? (code === '' ? [] : [code])

function planOf(owner: string): Plan {
  const { library, tables } = plans()
  const metadata = new library.Metadata(tables)
  metadata.selectNumberingPlan(owner)
  return metadata.numberingPlan
}

/** What is dialled before a national number in the countries of a calling code, such as 0, 8 or 06. */
export function nationalPrefixes(code: string): ReadonlySet<string> {
  const prefixes = (plans().tables.country_calling_codes[code] ?? []).map((country) => planOf(country).nationalPrefix())
  return new Set(prefixes.flatMap((prefix) => prefix || []))
}

/** What digits mean that are dialled in a country; whether a plan has that number is another question. */
export function dialledIn(country: string, digits: string): Phone | undefined {
  const { library, tables } = plans()
  const { number = '' } = library.parsePhoneNumberFromString(digits, country, tables) ?? {}
  return isPhone(number) ? number : undefined
}
