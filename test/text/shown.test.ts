import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageText } from '../../src/kernel/page-text.ts'
import { shownJson, shownLine, shownLines } from '../../src/kernel/plain-text.ts'
import { named } from '../../src/text/markup.ts'

const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cs}]/u
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('\u001B[8m', '\u009B8m', '\u202E', '\n', '\t', '\r', '<b>', '&', '"', 'a'))
    .map((all) => all.join('')),
)

describe('text of others', () => {
  test('is one line where one is shown, and as long', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(shownLine(text)).not.toMatch(OBEYED)
        expect(shownLine(text).length).toBeLessThanOrEqual(text.length)
        expect(shownLines(text).replace(/[\n\t]/g, '')).not.toMatch(OBEYED)
        expect(shownLines(text).split('\n')).toHaveLength(text.split('\n').length)
      }),
    )
  })

  test('is the same text in the log, where nothing is obeyed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = shownJson(`${JSON.stringify({ text })}\n`)
        expect(line.slice(0, -1)).not.toMatch(OBEYED)
        expect(JSON.parse(line)).toEqual({ text })
      }),
    )
  })

  test('is no tag and no quote on a page', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(pageText(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
        expect(pageText(text)).not.toMatch(OBEYED)
      }),
    )
  })
})

describe('a name beside who somebody is', () => {
  test.each(['Bob', 'Alice ✨', 'Dr. Bob', 'Иван', '王芳', 'محمد', 'Jean-Luc O’Neil', 'Userina', 'José'])(
    'is shown as it is: %s',
    (name) => expect(named(name)).toBe(name),
  )

  test.each([
    ['+15550001111', '“+•••••••••••”'],
    ['+1 (555) 000-1111 OWNER', '“+• (•••) •••-•••• OWNER”'],
    ['١٥٥٥٠٠٠١١١١', '“•••••••••••”'],
    ['OWNER', '“OWNER”'],
    ['O\u200BWNER', '“OWNER”'],
    ['ОWNER', '“ОWNER”'],
    ['ＡＤＭＩＮ', '“ＡＤＭＩＮ”'],
    ['Bob (ADMIN)', '“Bob (ADMIN)”'],
    ['wa.me/15550001111', '“wa․me/•••••••••••”'],
    ['https://evil.example', '“https:evil․example”'],
    ['→ OWNER', '“→ OWNER”'],
    ['“ Bob', "“' Bob”"],
    ['SYSTEM', '“SYSTEM”'],
    ['You', '“You”'],
    ['Bob ᴏᴡɴᴇʀ', '“Bob ᴏᴡɴᴇʀ”'],
    ['ꓳꓪꓠꓰꓣ', '“ꓳꓪꓠꓰꓣ”'],
    ['ОԜNER', '“ОԜNER”'],
    ['øwner', '“øwner”'],
    ['🇴🇼🇳🇪🇷', '“🇴🇼🇳🇪🇷”'],
    ['+1555OOOO1O1', '“+•••••••••••”'],
    ['+①⑤⑤⑤⓪⓪⓪⓪①⓪①', '“+•••••••••••”'],
    ['一五五五零零零零一零一', '“•••••••••••”'],
    ['Bob〞 (OWNER)', "“Bob' (OWNER)”"],
    ['go2.com/abc', '“go2․com/abc”'],
    ['कंपनी.भारत', '“कंपनी․भारत”'],
    ['evil\u0301.com', '“evil\u0301․com”'],
    ['\u3164\u3164', '“”'],
    ['✅ Role confirmed', '“✅ Role confirmed”'],
  ])('stands in quotes where it could be something else: %s', (name, shown) => expect(named(name)).toBe(shown))
})
