import { describe, expect, test } from 'vitest'
import { phonesOnCards } from '../../../src/chat/whatsapp/contact-card.ts'

const card = (...lines: readonly string[]) =>
  ['BEGIN:VCARD', 'VERSION:3.0', 'N:;Bob;;;', 'FN:Bob', ...lines, 'END:VCARD'].join('\n')
const BOB = 'TEL;type=CELL;type=VOICE;waid=15550001111:+1 555-000-1111'

describe('the number on a contact card', () => {
  test.each([
    ['as WhatsApp writes it', card(BOB), ['+15550001111']],
    ['in a group', card('item1.TEL;waid=15550001111:+1 (555) 000-1111', 'item1.X-ABLabel:Mobile'), ['+15550001111']],
    [
      'with lines that go on',
      card('TEL;type=CELL;type=VO\n ICE;waid=155500011\n 11:+1 555-000-1111'),
      ['+15550001111'],
    ],
    ['with line ends of RFC 6350', card(BOB).replaceAll('\n', '\r\n'), ['+15550001111']],
    ['of Brazil', card('TEL;waid=551187654321:+55 11 98765-4321'), ['+5511987654321']],
    ['of Argentina', card('TEL;waid=5491123456789:+54 11 2345-6789'), ['+5491123456789']],
    ['that no account has', card('TEL;type=CELL:+49 151 23456789'), ['+4915123456789']],
    ['beside one that no account has', card(BOB, 'TEL;type=HOME:+49 30 901820'), ['+15550001111']],
    ['that stands twice', card(BOB, BOB), ['+15550001111']],
    ['of two', card(BOB, 'TEL;waid=15550002222:+1 555-000-2222'), ['+15550001111', '+15550002222']],
  ])('is read %s', (_, text, phones) => {
    expect(phonesOnCards([text])).toEqual(phones)
  })

  test.each([
    ['shows another than its account is', card('TEL;waid=15550009999:+1 555-000-1111')],
    ['shows another than its account is, beside one that does not', card(BOB, 'TEL;waid=15550009999:+1 555-000-1111')],
    ['shows a few digits of its account only', card('TEL;waid=15550001111:1111')],
    ['shows its account as it is dialled at home', card('TEL;waid=4915123456789:0151 23456789')],
    ['shows zeros', card('TEL;waid=15550001111:0000000000')],
    ['shows nothing', card('TEL;waid=15550001111:')],
    ['has no country', card('TEL:0151 23456789')],
    ['is in a name or a note', card('NOTE:TEL;waid=15550001111:+1 555-000-1111', 'NICKNAME:+1 555-000-1111')],
    ['is a LID', card('TEL;waid=777777777777771@lid:+1 555-000-1111', 'X-WA-LID:777777777777771')],
    ['is behind what is a line break elsewhere', card('TEL;waid=15550009999\u2028TEL:+1 555-000-1111')],
    ['is no card', 'hello'],
    ['is nothing', ''],
  ])('is none where it %s', (_, text) => {
    expect(phonesOnCards([text])).toEqual([])
  })

  test('is each of several cards', () => {
    expect(phonesOnCards([card(BOB), card('TEL;waid=15550002222:+1 555-000-2222')])).toHaveLength(2)
  })

  test('is none where there are more cards or numbers than anybody sends', () => {
    const other = (n: number) => `TEL;waid=1555000${n}:+1 555 000 ${n}`
    const numbers = Array.from({ length: 400 }, (_, n) => other(1000 + n))
    expect(phonesOnCards(numbers.map((number) => card(number)))).toEqual([])
    expect(phonesOnCards([card(BOB), card(...numbers)])).toEqual([])
    expect(phonesOnCards(Array.from({ length: 100_000 }, () => card(BOB)))).toEqual([])
  })
})
