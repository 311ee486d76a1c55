import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPhone, phoneOfAccount } from '../../src/kernel/phone.ts'
import { phoneEnds } from '../../src/kernel/phone-end.ts'
import { internationalPhone, isWholeLink, readPhone } from '../../src/kernel/phone-spelling.ts'
import { looksLikePhone } from '../../src/kernel/phone-text.ts'
import { DIGITS } from '../support/digits.ts'

const GERMAN = '+4915123456789'
const phone = (number: string) => ({ kind: 'phone', phone: number })
const twofold = (...forms: string[]) => ({ kind: 'twofold', forms })
const NATIONAL = { kind: 'national' }
const NONE = { kind: 'not-a-phone' }

describe('a number in international form', () => {
  test.each([
    '+49 151 23456789',
    '+49-151-23456789',
    '+49.151.23456789',
    '+49/151/23456789'.replace('/', ' '),
    '+49 (151) 234\u201056\u20117\u201289',
    '+49\u2212151\u201323456789',
    '＋４９（１５１）２３４－５６７８９',
    '+49［151］23456789',
    '+49\u00AD151\u00AD23456789',
    '+4\uFE0F9 151 23456789',
    '+4\uFE0F\u20E39\uFE0F\u20E3 151 23456789',
    '\u202A+49 151 23456789\u202C',
    '\u2066+49\u00A0151\u202F23456789\u2069',
    '+49\u2060151\u200B234\u200D567\uFEFF89\u061C',
    '+٤٩ ١٥١ ٢٣٤٥٦٧٨٩',
    '+४९ १५१ २३४५६७८९',
    '0049 151 23456789',
    '００４９１５１２３４５６７８９',
    '+49 (0)151 23456789',
    '+49 0151/23456789',
    '0049 (0) 151 23456789',
    'tel:+49-151-23456789',
    'TEL:%2B4915123456789',
    'tel:+49-151-23456789;npdi',
    'https://wa.me/4915123456789',
    'http://wa.me/+4915123456789/',
    'wa.me/4915123456789?text=Hello%20there',
    'https://api.whatsapp.com/send?phone=4915123456789',
    'api.whatsapp.com/send/?text=Hi&phone=%2B4915123456789&app_absent=0',
    'whatsapp://send?phone=4915123456789',
    '4915123456789@c.us',
    '4915123456789:12@c.us',
    '4915123456789@s.whatsapp.net',
    '4915123456789:3@s.whatsapp.net',
  ])('is read however it is written: %j', (typed) => {
    for (const country of [undefined, 'DE', 'US']) expect(readPhone(typed, country)).toEqual(phone(GERMAN))
  })

  test.each([
    ['+44 07911 123456', '+447911123456'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['+81 090 1234 5678', '+819012345678'],
    ['+7 8 912 345-67-89', '+79123456789'],
    ['+7 8 701 123 45 67', '+77011234567'],
    ['+36 06 30 123 4567', '+36301234567'],
    ['+370 8 612 34567', '+37061234567'],
    ['+375 (8029) 491-19-11', '+375294911911'],
    ['+1 1 212 555 0123', '+12125550123'],
    ['+1 (0) 415 555 2671', '+14155552671'],
    ['+48 (0)512 345 678', '+48512345678'],
    ['+34 (0)612 345 678', '+34612345678'],
    ['+852 (0)9123 4567', '+85291234567'],
    ['+52 01 55 1234 5678', '+525512345678'],
    ['+52 044 55 1234 5678', '+525512345678'],
    ['+998 8 90 123 45 67', '+998901234567'],
  ])('%s loses what is dialled before it at home', (typed, number) => {
    expect(readPhone(typed)).toEqual(phone(number))
  })

  test.each(['+39 06 1234 5678', '+378 0549 886377', '+242 06 612 3456', '+225 01 23 45 67 89'])(
    '%s keeps the zero that is a part of it',
    (typed) => {
      expect(readPhone(typed)).toEqual(phone(typed.replaceAll(' ', '')))
    },
  )

  test.each(['+15550001111', '+1234567890', '+15550000001', '+15550009999', '+1234567', '+999123456789012'])(
    '%s stays as it is though no plan has it',
    (typed) => {
      for (const country of [undefined, 'DE', 'US']) expect(readPhone(typed, country)).toEqual(phone(typed))
    },
  )

  test.each(['+4301111', '+4309999'])('%s keeps the zero without which it would be too short for a number', (typed) => {
    expect(readPhone(typed)).toEqual(phone(typed))
    expect(readPhone(`${typed.slice(1)}@c.us`)).toEqual(phone(typed))
  })

  test('is a person of Mexico or Brazil by the id and as it is written', () => {
    expect(phoneOfAccount('551187654321@c.us')).toBe('+5511987654321')
    expect(readPhone('+55 (011) 98765-4321')).toEqual(phone('+5511987654321'))
    expect(readPhone('+55 11 8765-4321')).toEqual(phone('+5511987654321'))
    expect(readPhone('+55 11 3456-7890')).toEqual(phone('+551134567890'))
    expect(phoneOfAccount('5215512345678@c.us')).toBe('+525512345678')
    expect(readPhone('+52 55 1234 5678')).toEqual(phone('+525512345678'))
  })

  test('of Argentina may be a mobile or a landline, where it is not said which', () => {
    const both = twofold('+5491112345678', '+541112345678')
    for (const typed of ['+54 11 1234-5678', '0054 11 1234 5678', '+54 (0)11 1234-5678', 'wa.me/541112345678'])
      expect(readPhone(typed)).toEqual(both)
    for (const typed of ['+54 9 11 1234-5678', '+54 11 15 1234-5678', '5491112345678@c.us'])
      expect(readPhone(typed)).toEqual(phone('+5491112345678'))
    expect(readPhone('541112345678@c.us')).toEqual(phone('+541112345678'))
    expect(phoneOfAccount('541112345678@c.us')).toBe('+541112345678')
  })
})

describe('a number in national form', () => {
  test.each(['212-555-0123', '(330) 458-1111', '8 912 345-67-89', '4155550132', '15550001111', '0011 65 9123 4567'])(
    '%s is asked for with a plus',
    (typed) => {
      expect(readPhone(typed)).toEqual(NATIONAL)
    },
  )

  test.each([
    ['212-555-0123', 'US', phone('+12125550123')],
    ['8 912 345-67-89', 'RU', phone('+79123456789')],
    ['0151 23456789', 'DE', phone(GERMAN)],
    ['030/1234567', 'DE', phone('+49301234567')],
    ['011 49 151 23456789', 'US', phone(GERMAN)],
    ['0011 65 9123 4567', 'AU', phone('+6591234567')],
    ['11 8765-4321', 'BR', phone('+5511987654321')],
    ['011 15-1234-5678', 'AR', phone('+5491112345678')],
    ['11 1234-5678', 'AR', twofold('+5491112345678', '+541112345678')],
    ['4915123456789', 'DE', twofold('+494915123456789', GERMAN)],
    ['555-0123', 'US', NATIONAL],
    ['+1 555-0123', 'US', phone('+15550123')],
  ])('%s is read as dialled in its country: %s', (typed, country, reading) => {
    expect(readPhone(typed, country)).toEqual(reading)
  })
})

describe('what is no number', () => {
  test.each([
    '',
    '+',
    '123456',
    '+123456',
    '+1234567890123456',
    '++15550000101',
    '1555+0000101',
    '+0123456789',
    '+0049 151 23456789',
    '0123456789@c.us',
    '+1,555,000,0101',
    '+15550000101 x5',
    '+49 30 1234567/68',
    '+49 30 1234567 + 68',
    '+1²³4567890',
    '777000111222331@lid',
    '777000111222331:2@lid',
    '4915123456789@g.us',
    '4915123456789@c.us.evil',
    'tel:+49-151-23456789;ext=5',
    'tel:7042;phone-context=example.com',
    'wa.me/message/ABC123',
    'wa.me/0049151234567',
    'evil.example/wa.me/4915123456789',
    'https://wa.me.example/4915123456789',
    'api.whatsapp.com/send?phone=4915123456789&phone=15550001111',
    `+49151${' '.repeat(1000)}23456789`,
  ])('%j is refused', (typed) => {
    for (const country of [undefined, 'DE', 'US']) expect(readPhone(typed, country)).toEqual(NONE)
  })
})

describe('a number that a program holds', () => {
  test.each(['+4915123456789', '4915123456789', '004915123456789', '4915123456789@c.us', '+49 (0)151 23456789'])(
    '%s is in international form',
    (text) => {
      expect(internationalPhone(text)).toBe(GERMAN)
    },
  )

  test('is certain as it is', () => {
    expect(internationalPhone('541112345678')).toBe('+541112345678')
    for (const text of ['GLOBAL', '015123456789', '1@lid', '']) expect(internationalPhone(text)).toBeUndefined()
  })
})

describe('a word of a command', () => {
  test.each(['151', '(0)151', '２３４５', '٢٣٤', '30/1234567', '\u2011456', '\uFE0F7'])(
    '%j may go on a number',
    (word) => {
      expect(looksLikePhone(word)).toBe(true)
    },
  )

  test.each(['USER', 'for', '2h', '3x', '#ab12'])('%j may not', (word) => {
    expect(looksLikePhone(word)).toBe(false)
  })

  test('is a whole number where nothing can follow', () => {
    const whole = ['15550001111@c.us', 'wa.me/15550001111', 'tel:+15550001111']
    for (const word of whole) expect(isWholeLink(word)).toBe(true)
    for (const word of ['+49', '(330)', 'tel:+49', 'USER', '@15550001111']) expect(isWholeLink(word)).toBe(false)
    for (const word of ['+4915123456789', '٤٩١٥١٢٣٤٥٦'])
      expect(phoneEnds([word])).toEqual({ kind: 'certain', words: 1 })
  })
})

describe('any number', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{6,14}$/)
  const BETWEEN = [' ', '\t', '-', '(', ')', '.', '\u00A0', '\u3000', '\u2011', '\u2212', '\uFF0D', '（', '］']
  const UNSEEN = ['\u00AD', '\u200B', '\u200E', '\u202A', '\u2066', '\uFEFF', '\uFE0F', '\u061C']
  const mark = fc.constantFrom(...BETWEEN, ...UNSEEN)

  test('is one number whatever stands between its digits and in whichever script they are', () => {
    const script = fc.constantFrom(...DIGITS)
    const marks = fc.array(fc.tuple(fc.nat(16), mark))
    const property = fc.property(digits, script, marks, (number, ten, all) => {
      const inScript = Array.from(number, (digit) => ten[Number(digit)]).join('')
      const typed = all.reduce((text, [at, between]) => {
        const letters = Array.from(text)
        return [...letters.slice(0, at), between, ...letters.slice(at)].join('')
      }, `+${inScript}`)
      expect(readPhone(typed)).toEqual(readPhone(`+${number}`))
      expect(readPhone(typed.replace('+', '00'))).toEqual(readPhone(`00${number}`))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('that was read is read again as itself, by its id for certain', () => {
    const property = fc.property(digits, fc.constantFrom(undefined, 'DE'), (number, country) => {
      const reading = readPhone(`+${number}`, country)
      const forms = reading.kind === 'phone' ? [reading.phone] : reading.kind === 'twofold' ? reading.forms : []
      expect(forms.length).toBeGreaterThan(0)
      for (const form of forms) {
        expect(isPhone(form)).toBe(true)
        expect(readPhone(`${form.slice(1)}@c.us`, country)).toEqual(phone(form))
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})
