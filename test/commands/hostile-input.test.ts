import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AuditCategory } from '../../src/audit/entry/event-type.ts'
import type { Command } from '../../src/commands/command.ts'
import { parseArguments } from '../../src/commands/parse-arguments.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { tokenize } from '../../src/commands/tokenize.ts'
import type { Phone } from '../../src/kernel/phone.ts'
import { readPhone } from '../../src/kernel/phone-spelling.ts'
import { plainLine } from '../../src/kernel/plain-text.ts'
import { afterPrefix } from '../../src/kernel/prefix.ts'
import { ROLES } from '../../src/roles/role.ts'
import { literal } from '../../src/text/markup.ts'
import { ADMIN, OWNER, STRANGER, USER } from '../support/chatwarden.ts'
import { expectHarmless, HOSTILE } from '../support/hostile.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, stateOf } from '../support/trail.ts'

const VALUES = Object.values(HOSTILE)
/** A value that each argument takes, for those around the hostile one. */
const VALID: Readonly<Record<string, string>> = {
  days: '7',
  filters: '',
  target: USER,
  category: 'AUTH',
  role: 'USER',
  code: '#0a1f',
  howLong: 'for 2h',
  reason: 'spam',
  command: 'audit list',
  key: 'timezone',
  value: 'UTC',
  checkpoint: '',
  entry: '1',
  choice: '',
  today: '',
  subject: USER,
}

/** Any 16-bit units: other scripts, control characters, halves of surrogate pairs. */
const anyText = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom(...Array.from('*_~`"“”„ \n\0a1+-()٣\u202E\uD800\u200D😀')), { maxLength: 60 })
    .map((all) => all.join('')),
  fc.constantFrom(...VALUES),
  fc.string({ unit: 'grapheme' }),
)

/** As it is, and where that is several words also as one. */
const formsOf = (value: string): string[] => (/\s/u.test(value) ? [value, `"${value.replaceAll('"', '')}"`] : [value])

describe('whatever stands where a word is expected', () => {
  const shared = shareWarden()

  const takesText = ({ arguments: all }: Command) => Object.values(all).some(({ isFreeText }) => isFreeText)
  const placesIn = (commands: readonly Command[]) =>
    commands.flatMap((command) => {
      const name = commandName(command)
      const names = Object.keys(command.arguments)
      const valid = (argument: string) => VALID[argument] ?? ''
      const each = names.map((argument) => ({
        place: `${name}, ${argument}`,
        write: (value: string) =>
          [name, ...names.map((other) => (other === argument ? value : valid(other)))].join(' '),
      }))
      return [
        ...each,
        { place: `${name}, at the end`, write: (value: string) => [name, ...names.map(valid), value].join(' ') },
      ]
    })
  const places = placesIn(COMMANDS.filter((command) => !takesText(command)))
  const words = [
    { place: 'the first word', write: (value: string) => `${value} list` },
    { place: 'the second word under audit', write: (value: string) => `audit ${value}` },
    { place: 'the second word under role', write: (value: string) => `role ${value} ${USER} USER` },
  ]

  test('there is a valid value for every argument', () => {
    for (const { arguments: all } of COMMANDS) for (const name of Object.keys(all)) expect(VALID).toHaveProperty(name)
  })

  test.each([...places, ...words])('is refused as wrong usage and comes back harmless: $place', async ({ write }) => {
    const { warden } = shared
    const before = stateOf(warden)
    const { result, entries } = await entriesOf(warden, async () => {
      const answers = []
      for (const [what, value] of Object.entries(HOSTILE))
        for (const written of formsOf(value))
          answers.push({ what, ...(await warden.say(OWNER, `!config ${write(written)}`)) })
      return answers
    })
    for (const { what, ...handled } of result) {
      expect([what, handled.status]).toEqual([what, 'usage'])
      expectHarmless(handled)
    }
    expect(entries).toEqual([])
    expect(stateOf(warden)).toEqual(before)
  })

  test.each(placesIn(COMMANDS.filter(takesText)))(
    'comes back harmless where text may stand: $place',
    async ({ write }) => {
      for (const value of VALUES)
        for (const written of formsOf(value))
          expectHarmless(await shared.warden.say(OWNER, `!config ${write(written)}`))
    },
  )

  test('what is longer than any command is not read, and whoever may send none hears nothing of it', async () => {
    const { warden } = shared
    const longest = (text: string) => text.padEnd(8000 - ' '.length, 'x')
    expect((await warden.say(OWNER, `!config ${longest('set timezone ')}`)).status).toBe('usage')
    for (const start of ['set timezone ', 'user block ', 'nothing ', `role promote ${USER} ADMIN `, '']) {
      const { result } = await entriesOf(warden, () => warden.say(OWNER, `!config ${longest(start)}xx`))
      expect(result).toMatchObject({
        status: 'usage',
        replies: [{ text: expect.stringContaining('8,000 characters') }],
      })
    }
    expect((await warden.say(STRANGER, `!config ${longest('set timezone ')}xx`)).status).toBe('denied')
  })

  test('a bidi mark alone is no value either', async () => {
    for (const { place, write } of places.filter(({ place }) => !place.endsWith('at the end')))
      expect([place, (await shared.warden.say(OWNER, `!config ${write('\u202E')}`)).status]).toEqual([place, 'usage'])
  })

  test('any text at all after the prefix is answered harmlessly, to anybody', async () => {
    const { warden, clock } = shared
    const property = fc.asyncProperty(fc.constantFrom(OWNER, ADMIN, USER, STRANGER), anyText, async (by, text) => {
      clock.advance(1_000_000)
      const handled = await warden.say(by, `!config ${text}`)
      expectHarmless(handled)
    })
    await fc.assert(property, { numRuns: 100 })
  })
})

describe('an account that is full of markup', () => {
  const shared = shareWarden()
  const HOSTILE_ACCOUNT = `matrix:@_*BOLD*_ITALIC_~STRIKE~\`CODE\`:${'x'.repeat(70)}.org`
  const takesPerson = ({ arguments: all }: Command) => 'target' in all || 'subject' in all
  const written = COMMANDS.filter(takesPerson).map((command) => {
    const names = Object.keys(command.arguments)
    const values = names.map((name) => (name === 'target' || name === 'subject' ? HOSTILE_ACCOUNT : VALID[name]))
    return [commandName(command), ...values].join(' ')
  })
  const others = [
    'role list',
    'whitelist list',
    'audit hold list',
    'audit list',
    `audit search target:${HOSTILE_ACCOUNT}`,
  ]

  test('comes back harmless, known and unknown, and is whole wherever it is shown', async () => {
    const { warden } = shared
    const said = [
      ...written,
      `role promote ${HOSTILE_ACCOUNT} ADMIN`,
      ...written,
      `whitelist add ${HOSTILE_ACCOUNT}`,
      ...others,
    ]
    for (const line of said) {
      const handled = await warden.say(OWNER, `!config ${line}`)
      expectHarmless(handled)
      const shows = handled.replies.filter(({ text }) => text.includes('matrix:'))
      for (const { text } of shows) expect(text).toContain('.org')
    }
  })

  test('is the same account where it is copied from an answer', async () => {
    const { warden } = shared
    const account = 'matrix:@_bridge_*42*:example.org'
    const [, copied = ''] = /User: (\S+)/.exec(await warden.ask(OWNER, `!config role promote ${account} USER`)) ?? []
    expect(copied).not.toBe(account)
    expect(await warden.ask(OWNER, `!config user block ${copied}`)).toContain(`User: ${copied}`)
    expect(warden.sql('SELECT account FROM blocks')).toEqual([{ account }])
    expect(await warden.ask(OWNER, `!config audit search target:${copied} action:USER_BLOCK`)).toContain(
      'Found 1 entries',
    )
  })
})

describe('whoever writes', () => {
  const shared = shareWarden()

  test('a hostile name comes back harmless, in groups, lists and notes', async () => {
    const { warden } = shared
    for (const name of VALUES) {
      const sender = { id: OWNER, name }
      const group = { chat: { id: '120363000000000000@g.us', kind: 'group' }, sender } as const
      expectHarmless(await warden.say(USER, '!config audit mine', { sender: { id: USER, name } }))
      for (const command of [
        'audit list',
        `audit user ${OWNER}`,
        'role list',
        `role info ${OWNER}`,
        `role info ${USER}`,
      ])
        expectHarmless(await warden.say(OWNER, `!config ${command}`, group))
    }
    // One that is kept is shown, made harmless.
    await warden.say(USER, '!config audit mine', { sender: { id: USER, name: '*Una*\nUser\u202E' } })
    expect(await warden.ask(OWNER, '!config role list')).toContain(`• ${USER} ∗Una∗ User`)
  })

  test('a hostile id of a sender, a chat or a message comes back harmless', async () => {
    const { warden } = shared
    for (const [at, value] of VALUES.entries()) {
      const sender = { id: `${value}@lid`, name: value, operator: value }
      const chat = { id: value, kind: 'private' } as const
      expectHarmless(await warden.say('', '!config audit list', { sender, chat }))
      const own = { sender: { id: OWNER, operator: value }, chat, id: `${at}${value}` }
      expectHarmless(await warden.say(OWNER, '!config audit list', own))
      expectHarmless(await warden.say(OWNER, '!config audit category AUTH', own))
    }
  })

  test('what a host reports about hostile people comes back harmless', async () => {
    const { warden } = shared
    for (const value of VALUES) {
      const person = { id: value, phoneNumber: value, role: value, name: value }
      await warden.AuditLogger.logRoleChange({
        performedBy: person,
        targetUser: person,
        oldRole: value,
        newRole: value,
      })
      await warden.AuditLogger.logConfigChange({
        performedBy: person,
        setting: value,
        oldValue: value,
        newValue: value,
      })
      await warden.AuditLogger.logModerationFlag({ user: person, flaggedCategories: [value, value] })
      expectHarmless(await warden.say(OWNER, '!config audit list'))
    }
    for (let page = 0; page < 5; page++) expectHarmless(await warden.say(OWNER, '!config more'))
  })
})

describe('tokenize', () => {
  test('keeps plain words as they are', () => {
    const word = fc.stringMatching(/^[^\s\p{Cf}\p{Default_Ignorable_Code_Point}"＂“”„‟‘'‚«»‹›「」『』]+$/u, {
      size: '-1',
    })
    const property = fc.property(fc.array(word), fc.constantFrom(' ', '  ', '\n', '\t', '\u00A0'), (words, space) => {
      expect(tokenize(words.join(space))).toEqual(words)
    })
    fc.assert(property)
  })

  test('keeps a quoted piece together, without its quotes', () => {
    const piece = fc.string().map((text) => text.replaceAll('"', ''))
    const property = fc.property(piece, (text) => {
      expect(tokenize(`a "${text}" b`)).toEqual(['a', text, 'b'])
    })
    fc.assert(property)
  })

  test('invents nothing: every word was typed, in that order, and none is lost but spaces and quotes', () => {
    const property = fc.property(anyText, (text) => {
      const words = tokenize(text)
      let from = 0
      for (const word of words) {
        const at = text.indexOf(word, from)
        expect(at).toBeGreaterThanOrEqual(from)
        from = at + word.length
      }
      // Of marks that nobody sees some stay and some do not.
      const kept = (all: string) =>
        all.replace(/[\s\p{Cf}\p{Default_Ignorable_Code_Point}"＂“”„‟‘’'‚«»‹›「」『』]/gu, '')
      expect(kept(words.join(''))).toBe(kept(text))
    })
    fc.assert(property)
  })
})

describe('afterPrefix', () => {
  test('finds a command only where the prefix is a word of its own, in any case', () => {
    const property = fc.property(anyText, (text) => {
      expect(afterPrefix(`!config ${text}`, '!config')).toBe(` ${text}`)
      expect(afterPrefix(`  !CONFIG\n${text}`, '!config')).toBe(`\n${text}`)
      expect(afterPrefix(`x!config ${text}`, '!config')).toBeUndefined()
    })
    fc.assert(property)
  })
})

describe('parseArguments', () => {
  const quoted = fc.constantFrom(undefined, USER as Phone)
  const country = fc.constantFrom(undefined, 'DE', 'US')
  const typed = fc.oneof(anyText, fc.constantFrom(...Object.values(VALID), '+1', '(555)', '000-0401', '0151', '٣'))

  test('gives a command the values its arguments promise, or says what is wrong', () => {
    const property = fc.property(
      fc.constantFrom(...COMMANDS),
      fc.array(typed, { maxLength: 6 }),
      quoted,
      country,
      (command, words, quotedPhone, defaultCountry) => {
        const parsed = parseArguments(command, words, {
          quoted: quotedPhone,
          defaultCountry,
          mentions: new Map(),
          tail: (count) => words.slice(words.length - count).join(' '),
          isQuoted: (count) => count % 3 === 0,
          now: 0,
          timeZone: 'UTC',
        })
        if (parsed.kind !== 'parsed') {
          if ('argument' in parsed) expect(Object.keys(command.arguments)).toContain(parsed.argument)
          return
        }
        expect(Object.keys(parsed.values)).toEqual(Object.keys(command.arguments))
        const { phone, days, category, role } = parsed.values
        if (phone !== undefined) expect(phone).toMatch(/^\+[0-9]{7,15}$/)
        if (days !== undefined) expect(Array.from({ length: 365 }, (_, i) => i + 1)).toContain(days)
        if (category !== undefined) expect(Object.values(AuditCategory)).toContain(category)
        if (role !== undefined) expect(ROLES).toContain(role)
      },
    )
    fc.assert(property, { numRuns: 300 })
  })
})

describe('readPhone', () => {
  test('gives a number in international form, or nothing', () => {
    const property = fc.property(anyText, fc.constantFrom(undefined, 'DE'), (text, country) => {
      const reading = readPhone(text, country)
      if (reading.kind === 'phone') expect(reading.phone).toMatch(/^\+[0-9]{7,15}$/)
      if (reading.kind === 'twofold') for (const form of reading.forms) expect(form).toMatch(/^\+[0-9]{7,15}$/)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test.each(VALUES)('reads no number in %j', (typed) => {
    expect(readPhone(typed).kind).not.toBe('phone')
  })
})

describe('text that somebody else wrote', () => {
  const limit = fc.integer({ min: 1, max: 80 })

  test('becomes one line of ordinary text that is not too long', () => {
    const property = fc.property(anyText, limit, (text, most) => {
      const line = plainLine(text, most)
      expect(Array.from(line).length).toBeLessThanOrEqual(most)
      expect(line.isWellFormed()).toBe(true)
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u)
      expect(line).toBe(line.trim())
      expect(plainLine(line, most)).toBe(line)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('has no effect in a chat: no mark is left that could begin or end markup', () => {
    const property = fc.property(anyText, limit, (text, most) => {
      const shown = literal(text, most)
      expect(shown).not.toMatch(/[*~`]/)
      // WhatsApp takes an underscore for markup only at the edge of a word.
      expect(shown).not.toMatch(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u)
      expect(literal(shown, most)).toBe(shown)
      expect(Array.from(shown).length).toBeLessThanOrEqual(most)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('stays readable where it is harmless', () => {
    for (const text of ['AUDIT_LOG_VIEWED', 'Ünï Çode 名前 😀', '+15550000101', 'a_b', '5 > 3'])
      expect(literal(text)).toBe(text)
  })
})
