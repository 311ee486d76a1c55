import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isByPlan } from '../../src/kernel/numbering-plan.ts'
import type { Phone } from '../../src/kernel/phone.ts'
import { phoneEnds, phoneWords } from '../../src/kernel/phone-end.ts'
import { numbersOf, PLANS } from '../support/numbers-of-plans.ts'

interface Formatting {
  parsePhoneNumberFromString(text: string, metadata: unknown): { formatInternational(): string } | undefined
}
const load = createRequire(import.meta.url)
const { parsePhoneNumberFromString }: Formatting = load('libphonenumber-js/core')
const metadata: unknown = load('libphonenumber-js/max/metadata')

/** A number of some plan, in the words that telephones show it in. */
const grouped = fc
  .oneof(...PLANS.map(([, plan]) => numbersOf(plan)))
  .filter(isByPlan)
  .map((phone) => ({
    phone,
    words: parsePhoneNumberFromString(phone, metadata)?.formatInternational().split(' ') ?? [],
  }))

const ends = (typed: string, country?: string) => phoneEnds(typed.split(' '), country)

describe('a number of several words', () => {
  test.each([
    ['+49 151 23456789'],
    ['+49 (0)151 23456789'],
    ['+49 170 123 45 67'],
    ['+1 (555) 000-0401'],
    ['+1 555 000 0401'],
    ['+44 20 7946 0958'],
    ['+33 (0)6 12 34 56 78'],
    ['+31 6 12 34 56 78'],
    ['+261 32 12 345 67'],
    ['+43 1 588 01'],
    ['+81 090 1234 5678'],
    ['+91 98765 43210'],
    ['+9198765 43210'],
    ['+55 11 98765-4321'],
    ['+54 11 2345-6789'],
    ['+800 1234 5678'],
    ['0151 23456789', 'DE'],
    ['8 912 345-67-89', 'RU'],
    ['(415) 555 0132'],
  ])('%s ends where it is written to its end', (typed, country?: string) => {
    expect(ends(typed, country)).toEqual({ kind: 'certain', words: typed.split(' ').length })
  })

  test.each([
    ['+1 415 555 2671 3', 4],
    ['+44 7911 123456 3', 3],
    ['+14155552671 30', 1],
    ['+14155552671 +14155552672', 1],
    ['+4915123456781 1234567890', 1],
    ['07911 123456 3', 2, 'GB'],
  ])('%s ends after so many words, as no number is longer: %i', (typed, words, country?: string) => {
    expect(ends(typed, country)).toEqual({ kind: 'certain', words })
  })

  test.each([
    ['+49 151 23456781 3', '+4915123456781', '+49151234567813'],
    ['+49 30 901820 12', '+4930901820', '+493090182012'],
    ['+49 151 2345678 7', '+491512345678', '+4915123456787'],
    ['+43 664 1234567 2', '+436641234567', '+4366412345672'],
    ['+43 1 58858 12', '+43158858', '+4315885812'],
    ['+62 21 345678 90', '+6221345678', '+622134567890'],
    ['+39 06 1234 5678', '+39061234', '+390612345678'],
    ['+15550000303 3', '+15550000303', '+155500003033'],
    ['+4915123456781 3', '+4915123456781', '+49151234567813'],
    ['+49 151 23456781 - 3', '+4915123456781', '+49151234567813'],
    ['+٤٩ ١٥١ ٢٣٤٥٦٧٨١ ٣', '+4915123456781', '+49151234567813'],
    ['+999 123 456 7890', '+999123456', '+9991234567890'],
    ['0049 151 23456781 3', '+4915123456781', '+49151234567813'],
    ['0151 23456789 2', '+4915123456789', '+49151234567892', 'DE'],
    ['030 901820 12', '+4930901820', '+493090182012', 'DE'],
  ])('%s may be %s or %s', (typed, one, other, country?: string) => {
    const { readings = [] } = { readings: [], ...ends(typed, country) }
    expect(readings.map(({ phone }: { phone: Phone }) => phone)).toEqual([one, other])
  })

  test.each([
    ['+49 151 23456781, 3 days', 3],
    ['+4915123456781, 3', 1],
    ['+49 151 23456781 +49 151 23456782', 3],
    ['+49 151 23456781 \u202A+49 151 23456782', 3],
    ['+49 151 23456781 \u200E 3', 3],
    ['+49 151 23456781 spam 3', 3],
  ])('%s has no more words than that', (typed, words) => {
    expect(phoneWords(typed.split(' '))).toBe(words)
  })

  test('is never less than what a telephone shows of it, and hardly ever a question', () => {
    const all = fc.sample(grouped, 1000)
    const certain = all.flatMap(({ words }) => {
      const read = phoneEnds(words)
      if (read.kind === 'certain') expect(read.words).toBe(words.length)
      return read.kind === 'certain' ? [read] : []
    })
    expect(certain.length).toBeGreaterThan(900)
  })

  test('never takes in digits that follow it', () => {
    const property = fc.property(
      grouped,
      fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99_999 })),
      ({ words }, more) => {
        const read = phoneEnds([...words, String(more)])
        if (read.kind === 'certain') expect(read.words).toBe(words.length)
      },
    )
    fc.assert(property, { numRuns: 1000 })
  })
})
