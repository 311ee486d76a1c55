import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalPhone, otherSpellings } from '../../src/kernel/canonical-phone.ts'
import { isByPlan, splitPhone } from '../../src/kernel/numbering-plan.ts'
import type { Phone } from '../../src/kernel/phone.ts'
import { numbersOf, PLACES, PLANS } from '../support/numbers-of-plans.ts'

/** What would be two people becoming one: a number that its plan has and that is not its own spelling. */
const isChanged = (phone: Phone): boolean => isByPlan(phone) && canonicalPhone(phone) !== phone

describe('a number that is in a plan', () => {
  test('is its own spelling, so that no two of them are one', () => {
    for (const [, plan] of PLANS)
      fc.assert(
        fc.property(numbersOf(plan), (phone) => !isChanged(phone)),
        { numRuns: 20 },
      )
  })

  test('is found from the form with the prefix of its country, unless that is in a plan too or also another with a 0', () => {
    for (const [country, plan] of PLANS.filter(([, { [PLACES.prefix]: prefix }]) => prefix)) {
      const property = fc.property(numbersOf(plan).filter(isByPlan), (phone) => {
        const { code, national } = splitPhone(phone) ?? { code: '', national: '' }
        const written: Phone = `+${code}${plan[PLACES.prefix]}${national}`
        // No number of E.164 has more than 15 digits.
        fc.pre(written.length <= 16)
        const found = canonicalPhone(written)
        // 06 80… of Hungary may be (0) 680….
        const withoutZero: Phone = `+${code}${written.slice(code.length + 2)}`
        const isClear = written[code.length + 1] !== '0' || withoutZero === phone || !isByPlan(withoutZero)
        expect([country, found]).toEqual([country, isByPlan(written) || !isClear ? written : phone])
      })
      fc.assert(property, { numRuns: 5 })
    }
  })
})

describe('any number', () => {
  const any = fc.stringMatching(/^[1-9][0-9]{6,14}$/).map((digits): Phone => `+${digits}`)
  const near = fc.oneof(...PLANS.map(([, plan]) => numbersOf(plan)))
  const spoilt = fc
    .tuple(near, fc.nat(6), fc.constantFrom('0', '1', '8', '9', '15', '06'))
    .map(
      ([phone, at, digits]): Phone => `+${phone.slice(1, 2 + at)}${digits}${phone.slice(2 + at)}`.slice(0, 16) as Phone,
    )

  test('has one canonical form, which is its own', () => {
    const property = fc.property(fc.oneof(any, near, spoilt), (phone) => {
      const canonical = canonicalPhone(phone)
      expect(canonicalPhone(canonical)).toBe(canonical)
      if (canonical !== phone) expect([isByPlan(phone), isByPlan(canonical)]).toEqual([false, true])
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

describe('the table of countries', () => {
  test.each([
    ['+551187654321', '+5511987654321'],
    ['+555187654321', '+5551987654321'],
    ['+5511987654321', '+5511987654321'],
    ['+551134567890', '+551134567890'],
    ['+5215512345678', '+525512345678'],
    ['+525512345678', '+525512345678'],
    ['+5491112345678', '+5491112345678'],
    ['+541112345678', '+541112345678'],
    ['+54111512345678', '+5491112345678'],
  ] as const)('%s is %s', (phone, canonical) => {
    expect(canonicalPhone(phone)).toBe(canonical)
  })

  test('is read backwards for all that is written of one person', () => {
    expect(otherSpellings('+5511987654321')).toEqual(['+55011987654321', '+551187654321'])
    expect(otherSpellings('+525512345678')).toEqual(
      ['+520', '+5201', '+52044', '+52045', '+521'].map((start) => `${start}5512345678`),
    )
    expect(otherSpellings('+48512345678')).toEqual(['+480512345678'])
    expect(otherSpellings('+4915123456789')).toEqual(['+49015123456789'])
    expect(otherSpellings('+15550001111')).toEqual([])
  })
})
