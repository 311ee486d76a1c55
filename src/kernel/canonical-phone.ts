import { isPhone, type Phone } from './e164.ts'
import { dialledIn, isByPlan, nationalPrefixes, splitPhone } from './numbering-plan.ts'

/**
 * Where ids of WhatsApp, or what people write, differ from the number in the plan, by calling code: what else a number
 * that is in no plan may be. Sources are in docs/decisions/2026-11-28-one-spelling-for-a-phone.md.
 */
const OTHERWISE: Readonly<Record<string, (national: string) => readonly (string | undefined)[]>> = {
  // Mexico: until 2019 mobiles were called with a 1, which ids still have.
  '52': (national) => [/^1(\d{10})$/.exec(national)?.[1]],
  // Argentina: a mobile is 9 and the area from abroad, and the area and 15 at home.
  '54': (national) => [`9${national}`, dialledIn('AR', national)?.slice('+54'.length)],
  // Brazil: mobiles got a ninth digit from 2012 to 2016, which ids of that time lack.
  '55': (national) => [/^\d\d[6-9]\d{7}$/.test(national) ? `${national.slice(0, 2)}9${national.slice(2)}` : undefined],
}

/** National prefixes besides those that the tables name first, also such as were dialled once. */
const OTHER_PREFIXES: Readonly<Record<string, readonly string[]>> = {
  '52': ['01', '044', '045'],
  '370': ['8'],
  '375': ['80'],
  '998': ['8'],
}

/** People write (0) after any country, also where nothing is dialled before a number. */
const prefixesOf = (code: string): readonly string[] => [
  ...new Set([...nationalPrefixes(code), '0', ...(OTHER_PREFIXES[code] ?? [])]),
]

/** What a plan may read otherwise: a national prefix after the calling code, or a country of the table. Others need no plan. */
const MAY_DIFFER = /^\+(?:\d{1,3}0|11|78|370?8|3758|6921|9938|9988|52|54|55)/

/** Asked of every message, mostly about the same people. */
const MOST_KEPT = 500
const kept = new Map<Phone, Phone>()

/**
 * The one spelling of a number in international form: without the national prefix that people leave in it, and as the
 * plan has it where WhatsApp's ids differ. Two forms are one number only if one of them is in the plan and the other is
 * not, so whatever is in the plan stays as it is, and so does what no reading makes one of the plan.
 */
export function canonicalPhone(phone: Phone): Phone {
  if (!MAY_DIFFER.test(phone)) return phone
  const known = kept.get(phone)
  if (known !== undefined) return known
  const found = readByPlan(phone)
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(phone, found)
  return found
}

function readByPlan(phone: Phone): Phone {
  const parts = splitPhone(phone)
  if (parts === undefined || isByPlan(phone)) return phone
  const { code, national } = parts
  const withoutPrefix = prefixesOf(code)
    .filter((prefix) => national.startsWith(prefix))
    .map((it) => national.slice(it.length))
  const otherwise = [national, ...withoutPrefix].flatMap((it) => OTHERWISE[code]?.(it) ?? [])
  return onlyOneByPlan(code, withoutPrefix) ?? onlyOneByPlan(code, otherwise) ?? phone
}

function onlyOneByPlan(code: string, nationals: readonly (string | undefined)[]): Phone | undefined {
  const numbers = new Set(nationals.flatMap((it) => (it === undefined ? [] : [`+${code}${it}` as const])))
  // Some plans have numbers of fewer digits than one that anybody can be asked for by.
  const [only, another] = [...numbers].filter((number) => isPhone(number) && isByPlan(number))
  return another === undefined ? only : undefined
}

/**
 * The mobile that somebody may mean who writes a number of Argentina without its 9, which is then a landline's: both are in
 * the plan, and which of them it is only they know.
 */
export function mobileMeant(phone: Phone): Phone | undefined {
  if (!/^\+54[^9]/.test(phone)) return undefined
  const mobile: Phone = `+549${phone.slice('+54'.length)}`
  return isByPlan(mobile) ? mobile : undefined
}

/** How else a canonical number may be written in international form: all that is the same number. */
export function otherSpellings(phone: Phone): Phone[] {
  const { code, national } = splitPhone(phone) ?? { code: '', national: '' }
  const nationals = prefixesOf(code).map((prefix) => prefix + national)
  return [...nationals.map((other): Phone => `+${code}${other}`), ...olderForms(phone)].filter(
    (other) => other !== phone && canonicalPhone(other) === phone,
  )
}

/** The forms that ids of WhatsApp may have of a canonical number, where there is another than the number itself. */
export const olderForms = (phone: Phone): Phone[] =>
  [phone.replace(/^\+52/, '+521'), phone.replace(/^\+55(\d\d)9/, '+55$1')].filter(
    (other): other is Phone => other !== phone && canonicalPhone(other as Phone) === phone,
  )
