import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OthersMask } from '../../src/audit/data-request/mask-others.ts'
import type { Json } from '../../src/kernel/json.ts'

const OWN = '+15550001111'
const LID = 'whatsapp:123456789012345@lid'
const mask = new OthersMask([OWN, LID])

/** A number of somebody, in whichever way people and programs write one. */
const number = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(/^[0-9]{6,14}$/))
  .map(([first, rest]) => `${first}${rest}`)
const gap = fc.constantFrom('', ' ', '-', '.', '/', ') ', ' (', ' - ', '\u00A0', '\u202F', '\u2011', '\u200B')
const written = (digits: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(`+${digits}`, digits, `00${digits}`, `(${digits})`, `%2B${digits}`, `tel:${digits}`, `@${digits}`),
    fc
      .constantFrom('@c.us', ':3@c.us', '@lid', ':21@lid', '@s.whatsapp.net', '-1612345678@g.us')
      .map((end) => digits + end),
    fc
      .tuple(fc.constantFrom('+', ''), fc.array(gap, { minLength: digits.length, maxLength: digits.length }))
      .map(
        ([plus, gaps]) =>
          plus + Array.from(digits, (digit, i) => digit + (i + 1 < digits.length ? gaps[i] : '')).join(''),
      ),
    fc.constant(Array.from(digits, (digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')),
    fc.constant(Array.from(digits, (digit) => String.fromCodePoint(0x0660 + Number(digit))).join('')),
  )
const anybody = number
  .filter((digits) => !OWN.includes(digits) && !digits.includes(OWN.slice(1)))
  .chain((digits) => written(digits).map((text) => ({ digits, text })))
const around = fc.constantFrom('', 'spam from ', 'x', '<', '"', ', ', '; ', 'since 2026-02-01T10:11:12.345Z ', '\n')
const after = fc.constantFrom('', ' again', 'x', '>', '"', ', ', ' since 2026-02-01', ' at 2026-02-01 10:11', '.')

/** ASCII digits of a text in whichever script, and nothing else but the marks of what is masked: what has some within it has not survived. */
const plainDigits = (text: string): string =>
  text
    .replace(/[\uFF10-\uFF19]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0xff10))
    .replace(/[\u0660-\u0669]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x0660))
    .replace(/[^\d•]/g, '')

describe('other people in texts', () => {
  test('an account that is longer than any is masked, whatever it ends in', () => {
    for (const end of ['1', '@lid', 'a'])
      expect(mask.text(`spam from x:${'a'.repeat(300)}${end} again`)).toMatch(/^spam from x:•+..? ?again$/)
  })

  test('no number survives in any form, anywhere', () => {
    const property = fc.property(around, anybody, after, (before, { digits, text }, end) => {
      expect(plainDigits(mask.text(before + text + end))).not.toContain(digits)
    })
    const examples: [string, { digits: string; text: string }, string][] = [
      ['since 2026-02-01T10:11:12.345Z ', { digits: '3453499', text: '3453499' }, ''],
    ]
    fc.assert(property, { numRuns: 3000, examples })
  })

  test('the own number and account stay readable in any form, alone and beside others', () => {
    const own = fc.constantFrom(
      OWN,
      OWN.slice(1),
      '+1 555 000 1111',
      '+1 (555) 000-1111',
      '1.555.000.1111',
      '15550001111:3@c.us',
      LID,
      '123456789012345:21@lid',
    )
    const between = fc.constantFrom(' ', ', ', ' and ', ' → ', '/', '\n')
    const property = fc.property(own, between, anybody, fc.boolean(), (mine, apart, { digits, text }, isFirst) => {
      expect(mask.text(mine)).toBe(mine)
      const masked = mask.text(isFirst ? `${mine}${apart}+${digits}` : `+${digits}${apart}${mine}`)
      expect(masked).toContain(mine)
      // What is left of the other number may go on with the own one to look like it.
      for (const part of masked.split(mine)) expect(plainDigits(part)).not.toContain(digits)
      expect(plainDigits(mask.text(text))).not.toContain(digits)
    })
    const examples: [string, string, { digits: string; text: string }, boolean][] = [
      [OWN, ' ', { digits: '1111100', text: '1111100@c.us' }, true],
    ]
    fc.assert(property, { numRuns: 1000, examples })
  })

  test.each([
    '+55 11 98765-4321',
    '+55 (11) 8765-4321',
    '551187654321@c.us',
    '0055 (0)11 98765-4321',
    '+55 11 98765\u201343\u00AD21',
  ])('the own number stays readable in each of its spellings: %s', (written) => {
    const brazilian = new OthersMask(['+5511987654321'])
    expect(brazilian.text(`of ${written}, not of +5511987654322`)).toBe(`of ${written}, not of +55•••••••••22`)
  })

  test.each([
    '2026-02-01T10:11:12.345Z',
    'since 2026-02-01, until 2026-02-28 23:59',
    '2026-02-01T10:11:12+02:00',
    '0193d2a4-7c10-7b3e-9a51-3f0c2d4e5f60',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'Exported 12345678 audit logs as JSON',
    'Verified 1234567 entries: consistent',
    'Took a proof of entry 1234567',
    'for 365 days, 3 of 500000',
    'audit-logs-20260615T120000Z.json',
    'std::string at 12:34:56',
    'v1.2.3, 10.5 %, #123456',
    'ROLE_CHANGE from USER to OPERATOR',
  ])('what is no number stays: %s', (text) => expect(mask.text(text)).toBe(text))

  test.each([
    ['+15550002222', '+15•••••••22'],
    ['call (555) 000-2222 now', 'call (+55••••••22 now'],
    ['15550002222@c.us', '155••••••22@c.us'],
    ['9001@lid', '•••@lid'],
    ['120363000000000000@g.us', '120•••••••••••••00@g.us'],
    [`${OWN.slice(1)}-1612345678@g.us`, '155••••••••••••••••78@g.us'],
    ['true_15550002222@c.us_3EB0ABC', 'true_155••••••22@c.us_3EB0ABC'],
  ])('%s becomes %s', (text, masked) => expect(mask.text(text)).toBe(masked))

  test('no network address survives', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constant('00:1a:2B:3c:4d:5e'),
      fc.ipV4().map((ip) => `::ffff:${ip}`),
    )
    const property = fc.property(
      around,
      address,
      fc.constantFrom('', ' again', ']', '/24', ', '),
      (before, ip, end) => {
        fc.pre(!/^x$/.test(before) && ip !== '::')
        expect(mask.text(before + ip + end)).not.toContain(ip)
        expect(mask.text(`[${ip}]:8080`)).not.toContain(ip)
      },
    )
    fc.assert(property, { numRuns: 2000 })
  })

  test('a text of any kind takes no time worth mentioning', () => {
    const worst = [
      '1',
      '1 ',
      '1-',
      'a1',
      ':',
      'a:',
      '1.',
      '12-12-',
      '(1',
      '+1',
      '2026-02-01',
      '15550001111 ',
      'f',
      '١ ',
    ]
    for (const part of worst) {
      const text = part.repeat(65_000 / part.length)
      const start = process.cpuUsage()
      mask.text(text)
      expect([part, process.cpuUsage(start).user < 2_000_000]).toEqual([part, true])
    }
  })
})

describe('other people in values', () => {
  test('no number survives as a text, a number or the name of a field', () => {
    const property = fc.property(anybody, ({ digits, text }) => {
      // Each by itself: what masks leave of several, one after another, can be the number by chance.
      const values: Json[] = [
        { text },
        { list: [{ text }] },
        { [text]: 1 },
        ...(digits.length < 10 || /^1\d{12}$/.test(digits) ? [] : [{ n: Number(digits) }]),
      ]
      for (const value of values) expect(plainDigits(JSON.stringify(mask.value(value)))).not.toContain(digits)
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('counts and moments stay, and so does everything of nobody', () => {
    const value = {
      count: 123456789,
      at: 1_771_000_000_000,
      cost: 1234.56789,
      own: 15550001111,
      is: true,
      none: null,
      list: [],
    }
    expect(mask.value(value)).toEqual(value)
  })

  test('who typed for somebody, addresses and devices are left out; two fields that look alike both stay', () => {
    expect(
      mask.value({
        operator: 'root@host',
        ipAddress: '10.0.0.1',
        userAgent: 'Agent',
        '+15550002222': 1,
        '+15559992222': 2,
      }),
    ).toEqual({ operator: "somebody at the bot's machine", '+15•••••••22': 1, '+15•••••••22 (2)': 2 })
  })
})
