import { describe, expect, test } from 'vitest'
import { plainNumber, visibleText } from '../../src/kernel/phone-text.ts'
import { DIGITS } from '../support/digits.ts'

describe('digits of every script', () => {
  test('are those of ASCII', () => {
    expect(DIGITS.length).toBeGreaterThan(60)
    for (const ten of DIGITS) expect(visibleText(ten.join(''))).toBe('0123456789')
    for (const ten of DIGITS) for (const [value, digit] of ten.entries()) expect(visibleText(digit)).toBe(`${value}`)
  })

  test.each([
    'arab',
    'deva',
    'beng',
    'fullwide',
    'thai',
    'tibt',
    'khmr',
    'nkoo',
    'adlm',
    'mathbold',
    'mathmono',
    'segment',
  ])('have the value that they have in numbers of %s', (numberingSystem) => {
    const format = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false })
    expect(visibleText(format.format(9876543210))).toBe('9876543210')
  })

  test('are no signs that only look like digits', () => {
    for (const text of ['²³', '①②', '⅞', 'Ⅻ', '一二', 'l0']) expect(visibleText(text)).toBe(text)
  })
})

describe('a slash', () => {
  test.each(['030/1234567', '030／1234567', '030\u20441234567', '030\u22151234567'])(
    'of %s stands between digits',
    (typed) => {
      expect(plainNumber(typed)).toBe('0301234567')
    },
  )

  test('stays before what may be another ending of the number, or a date', () => {
    for (const typed of ['1234567/68', '01/02/2026', '1234567/', '/1234567']) expect(plainNumber(typed)).toContain('/')
  })
})
