import { expect } from 'vitest'
import { type Handled, MAX_REPLY_LENGTH } from '../../src/kernel/message.ts'

/** What people, clipboards and attackers put where a word is expected. Their capitals are looked for in answers. */
export const HOSTILE: Readonly<Record<string, string>> = {
  '10,000 characters': 'x'.repeat(10_000),
  '10,000 characters that must be escaped': '*_~`'.repeat(2_500),
  '10,000 digits': '1'.repeat(10_000),
  '5,000 words': 'x '.repeat(5_000),
  'control characters': 'MARK\u0007\u001B[31mMARK\u009B1m\u007F',
  'bidi and zero-width marks': '\u202E\u2066MARK\u200B\u200F\u061C\uFEFF',
  'a lone high surrogate': 'MARK\uD83D',
  'a lone low surrogate': '\uDE00MARK',
  'U+0000': '\0',
  'U+0000 within': 'MARK\0MARK',
  'Arabic digits': '١٢٣٤٥٦٧٨٩٠',
  'Devanagari digits': '१२३४५६७८९०',
  'fullwidth digits': '１２３４５６７８９０',
  'letters for digits': '1-800-FLOWERS',
  'a mention that nobody resolved': '@123456789012345',
  'a name of every object': '__proto__',
  'another name of every object': 'constructor',
  'a method of every object': 'hasOwnProperty',
  SQL: "'; DROP TABLE users; --",
  'more SQL': `" OR "1"="1`,
  'a LIKE pattern': '%',
  markup: '*BOLD* _ITALIC_ ~STRIKE~ `CODE` ```BLOCK```',
  'markup within a word': 'a*BOLD*b_ITALIC_~STRIKE~`CODE`',
  'a quotation': '> MARK',
  'a list': '- MARK',
  'a numbered list': '1. MARK',
  'line breaks': 'a\nMARK\r\nMARK\rMARK\u2028MARK\u2029MARK\u0085MARK\vMARK',
  'an emoji of many': '👩‍👩‍👧‍👦🏳️‍🌈',
  JSON: '{"$ne":null}',
  'a path': '../../../../etc/passwd',
  'a format': '%s%n%j#{MARK}{{MARK}}',
  'an open quote': '“MARK',
  'not a number': 'NaN',
  'a number beyond all': '1e309',
}

const INTERNAL =
  /prisma|sqlite|sql error|database_url|node_modules|\/work\/|\/tmp\/|\.ts\b|\bat \S+ \(|undefined|\[object|TypeError|ZodError/i
const INVISIBLE = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u
/** Markup around a hostile value's capitals, or a line that they or a quotation or a list begin. */
const UNESCAPED = /[*~`](?:BOLD|STRIKE|CODE|BLOCK)|(?<![\p{L}\p{N}])_ITALIC|^(?:MARK|> |- |\d+\. )/mu

/** An answer that is one, shows nothing internal, fits, and holds nothing that somebody typed as they typed it. */
export function expectHarmless({ status, replies }: Handled): void {
  expect(status).not.toBe('failed')
  for (const { text } of replies) {
    expect(text.length).toBeLessThanOrEqual(MAX_REPLY_LENGTH)
    expect(text.isWellFormed()).toBe(true)
    expect(text).not.toMatch(INTERNAL)
    expect(text).not.toMatch(INVISIBLE)
    expect(text).not.toMatch(UNESCAPED)
  }
}
