import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accountOn,
  inFileName,
  isAccount,
  isPlatform,
  maskAccount,
  parseAccount,
  readAccount,
} from '../../src/kernel/account.ts'

describe('an account', () => {
  test.each([
    ['+15550001111', '+15550001111'],
    ['tel:+1-555-000-1111', '+15550001111'],
    ['15550001111@c.us', '+15550001111'],
    ['15550001111:3@s.whatsapp.net', '+15550001111'],
    ['whatsapp:15550001111@c.us', '+15550001111'],
    ['551187654321@c.us', '+5511987654321'],
    ['123456@lid', 'whatsapp:123456@lid'],
    ['123456:21@LID', 'whatsapp:123456@lid'],
    ['whatsapp:123456:21@lid', 'whatsapp:123456@lid'],
    ['telegram:42', 'telegram:42'],
    ['Telegram:42', 'telegram:42'],
    [' telegram:42 ', 'telegram:42'],
    ['\u200Etelegram:42\u2060', 'telegram:42'],
    ['telegram:٤٢', 'telegram:٤٢'],
    ['slack:T1/U1', 'slack:T1/U1'],
    ['matrix:@a:example.org', 'matrix:@a:example.org'],
    ['shop:user-42', 'shop:user-42'],
    ['discord:9', 'discord:9'],
  ])('is read from %j', (typed, account) => {
    expect(parseAccount(typed)).toBe(account)
    expect(isAccount(account)).toBe(true)
    expect(parseAccount(account)).toBe(account)
  })

  test.each([
    ['', 'not-a-phone'],
    ['bob', 'not-a-phone'],
    ['@bob', 'not-a-phone'],
    ['telegram:', 'not-a-phone'],
    [':42', 'not-a-phone'],
    ['tele gram:42', 'not-a-phone'],
    ['telegram:4\u200B2', 'not-a-phone'],
    ['telegram:1,telegram:2', 'not-a-phone'],
    ['telegram:1;telegram:2', 'not-a-phone'],
    ['telegram:42,', 'not-a-phone'],
    ['mailto:bob@example.org', 'not-a-phone'],
    ['system:1', 'not-a-phone'],
    ['telegram:4 2', 'not-a-phone'],
    ['9gag:42', 'not-a-phone'],
    ['tel:bob', 'not-a-phone'],
    ['https://example.org/42', 'not-a-phone'],
    ['whatsapp:123456', 'not-a-phone'],
    ['whatsapp:120363000000000000@g.us', 'not-a-phone'],
    ['120363000000000000@g.us', 'not-a-phone'],
    [`telegram:${'9'.repeat(192)}`, 'not-a-phone'],
    ['4155550132', 'national'],
    ['777777777777771', 'national'],
    ['+54 11 2345-6789', 'twofold'],
  ])('is not read from %j, which is %s', (typed, kind) => {
    expect(readAccount(typed)).toMatchObject({ kind })
  })

  test('is of 3 to 200 visible characters', () => {
    expect(isAccount('a:1')).toBe(true)
    expect(isAccount(`a:${'x'.repeat(198)}`)).toBe(true)
    expect(isAccount(`a:${'x'.repeat(199)}`)).toBe(false)
    for (const mark of ['\u200B', '\u00AD', '\uFE0F', ' ', '\n', '\u202E', '\uD800', '\u3164'])
      expect(isAccount(`telegram:4${mark}2`)).toBe(false)
    for (const name of ['SYSTEM', 'GLOBAL', 'tel:1', 'Telegram:42', '15550001111']) expect(isAccount(name)).toBe(false)
  })

  test('on a platform is its word and the id; on WhatsApp the number, where the id holds one, and no group', () => {
    expect(accountOn('telegram', '42')).toBe('telegram:42')
    expect(accountOn('telegram', '4 2')).toBeUndefined()
    expect(accountOn('whatsapp', '15550001111:7@c.us')).toBe('+15550001111')
    expect(accountOn('whatsapp', '123:7@lid')).toBe('whatsapp:123@lid')
    for (const id of ['120363000000000000@g.us', 'status@broadcast', ''])
      expect(accountOn('whatsapp', id)).toBeUndefined()
  })

  test('what is read is an account, and is read again as the same', () => {
    const platform = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,9}$/)
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(platform, fc.string({ minLength: 1 })).map(([word, id]) => `${word}:${id}`),
      fc.stringMatching(/^[0-9]{1,22}(:[0-9]{1,3})?@(lid|c\.us|g\.us)$/),
    )
    fc.assert(
      fc.property(typed, (text) => {
        const account = parseAccount(text)
        if (account === undefined) return
        expect(isAccount(account)).toBe(true)
        if (/[,;]/.test(account)) return
        // Without its id a number of Argentina may be two, of which this is one.
        const again = readAccount(account)
        if (again.kind === 'twofold') expect(again.forms).toContain(account)
        else expect(again).toEqual({ kind: 'account', account })
      }),
      { numRuns: 3000 },
    )
  })

  test('masked shows the platform and two characters at most', () => {
    expect(maskAccount('+15550001111')).toBe('+15•••••••11')
    expect(maskAccount('telegram:123456')).toBe('telegram:••••56')
    expect(maskAccount('telegram:42')).toBe('telegram:••')
    expect(maskAccount('discord:9')).toBe('discord:••')
  })

  test('in the name of a file is nothing that a file system minds', () => {
    expect(inFileName('+15550001111')).toBe('15550001111')
    expect(inFileName('slack:T1/U1')).toBe('slack-T1-U1')
    expect(inFileName('matrix:@a:example.org')).toBe('matrix-@a-example.org')
    expect(inFileName('shop:../../etc')).not.toContain('/')
  })
})

test('the word of a platform is small letters, digits and hyphens', () => {
  for (const word of ['whatsapp', 'telegram', 'ms-teams', 'x2', 'cli']) expect(isPlatform(word)).toBe(true)
  for (const word of ['', 'Telegram', 'tele gram', '2x', 'a:b', 'a'.repeat(32), 'ä'])
    expect(isPlatform(word)).toBe(false)
})
