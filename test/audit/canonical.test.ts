import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/audit/entry/canonical.ts'
import type { Json } from '../../src/kernel/json.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.replaceAll('\0', ''))
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '10', '9', '-1', 'length', 'é', 'e\u0301', '€'))
const number = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value)))

/** Values that JSON and a database give back as they were. */
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 6 })
      .map((entries) => Object.fromEntries(entries) as Record<string, Json>),
  ),
})).value

describe('canonical JSON', () => {
  test('is read back as the value it was made from', () => {
    fc.assert(
      fc.property(json, (value) => isDeepStrictEqual(JSON.parse(canonicalJson(value)), value)),
      { numRuns: 2000 },
    )
  })

  test('is the same text whatever order the fields were written in', () => {
    const reversed = (value: Json): Json =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, item]) => [name, reversed(item)]),
            )
          : value
    fc.assert(fc.property(json, (value) => canonicalJson(reversed(value)) === canonicalJson(value)))
  })

  // RFC 8785, section 3.2.2 and appendix B, but for integers beyond 2^53, which become strings here.
  test.each<[unknown, string]>([
    [
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    [{ b: { d: 1, c: 2 }, a: [] }, '{"a":[],"b":{"c":2,"d":1}}'],
    [{ 10: 'a', 9: 'b' }, '{"10":"a","9":"b"}'],
    [[4.5, 2e-3, 0.000000000000000000000000001, -0, 1.0], '[4.5,0.002,1e-27,0,1]'],
    ['\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [[true, false, null], '[true,false,null]'],
  ])('writes %j as the RFC says', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test.each<[string, unknown, string]>([
    ['a lone surrogate becomes U+FFFD', ['a\uD800b', '\uDC00', '\u{1F600}'], '["a\uFFFDb","\uFFFD","\u{1F600}"]'],
    ['U+0000 becomes U+FFFD', { 'a\0': 'b\0' }, '{"a\uFFFD":"b\uFFFD"}'],
    ['a bigint becomes a string', 12345678901234567890n, '"12345678901234567890"'],
    [
      'an integer beyond 2^53 becomes a string',
      [2 ** 53, 1e21, -(2 ** 60)],
      '["9007199254740992","1000000000000000000000","-1152921504606846976"]',
    ],
    ['the largest exact integers stay numbers', [2 ** 53 - 1, 1 - 2 ** 53], '[9007199254740991,-9007199254740991]'],
    ['what is no number becomes a string', [Number.NaN, Number.POSITIVE_INFINITY], '["NaN","Infinity"]'],
    ['undefined is left out of objects and null in arrays', { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ['a date becomes ISO 8601 text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['nothing at all becomes null', undefined, 'null'],
  ])('makes exact what cannot be kept: %s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test('keeps keys that mean something to JavaScript', () => {
    const value = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}')
    expect(canonicalJson(value)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})
