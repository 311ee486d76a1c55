import { type Phone, phoneOfAccount } from '../../kernel/phone.ts'
import { readPhone } from '../../kernel/phone-spelling.ts'

/** Long lines go on after a line break and a space (RFC 6350, 3.2). */
const FOLD = /\r?\n[ \t]/g
/** What is no line break there, and one to a pattern. */
const NO_BREAK = /[\u2028\u2029]/g
/** A telephone (RFC 6350, 6.4.1), perhaps in a group such as `item1.`. WhatsApp adds whose account it is: `TEL;waid=15550001111:+1 555 000 1111`. */
const TEL = /^(?:[\w-]+\.)?TEL((?:;[^:\r\n\u2028\u2029]*)?):(.*)$/gim
const ACCOUNT = /;waid=([^;]*)/i
/** A card is as long as its sender likes. */
const LONGEST = 100_000
/** So many cards, and numbers on them, a message has at most that somebody wrote to be understood. */
const MOST = 300

/**
 * The numbers on contact cards (vCards), each once. A card is what its sender made it, so one that shows another number than
 * the account it stands for counts for nothing, and so does what is no number in international form: of another country it
 * may be somebody else's.
 */
export function phonesOnCards(cards: readonly string[]): Phone[] {
  if (cards.length > MOST) return []
  const telephones = cards.map(telephonesOn)
  if (telephones.flat().length > MOST) return []
  const phones = telephones.flatMap(phonesOf)
  return phones.includes(undefined) ? [] : [...new Set(phones.flatMap((phone) => phone ?? []))]
}

interface Telephone {
  readonly account: string | undefined
  readonly shown: string
}

function telephonesOn(card: string): Telephone[] {
  const text = card.slice(0, LONGEST).replace(FOLD, '').replace(NO_BREAK, ' ')
  return [...text.matchAll(TEL)].map(([, parameters = '', shown = '']) => ({
    account: ACCOUNT.exec(parameters)?.[1],
    shown: shown.trim(),
  }))
}

function phonesOf(telephones: readonly Telephone[]): (Phone | undefined)[] {
  const onWhatsApp = telephones.filter(({ account }) => account !== undefined)
  return (onWhatsApp.length > 0 ? onWhatsApp : telephones).map(({ account, shown }) => phoneOf(account, shown))
}

function phoneOf(account: string | undefined, shown: string): Phone | undefined {
  const reading = readPhone(shown)
  if (account === undefined) return reading.kind === 'phone' ? reading.phone : undefined
  const phone = phoneOfAccount(`${account}@c.us`)
  const isSame =
    (reading.kind === 'phone' && reading.phone === phone) ||
    (reading.kind === 'twofold' && reading.forms.some((form) => form === phone))
  return isSame ? phone : undefined
}
