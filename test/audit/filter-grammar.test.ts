import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toFilter } from '../../src/audit/read/filter-dates.ts'
import { type FilterProblem, type FilterWords, parseFilter } from '../../src/audit/read/filter-grammar.ts'
import { filters } from '../../src/commands/arguments/filters.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { lastDays } from '../../src/text/days.ts'
import { english } from '../../src/text/english.ts'

const PERSON = '+15550001111'
const MENTIONED = '+15550002222'

const argument = filters({ placeholder: '<filters…>', more: ['format', 'profile'], mayBeAbsent: false })

/** What is read of the words as somebody types them in a chat. */
function read(text: string, defaultCountry?: string) {
  const context = { mentions: new Map([['@Bob', MENTIONED]]), defaultCountry }
  return argument.schema(context as never).safeParse(text)
}

/** What the caller is told. */
function problemOf(text: string): string {
  const [issue] = read(text).error?.issues ?? []
  if (issue?.code !== 'custom') throw new Error(`There is nothing wrong with ${text}`)
  return argument.invalid(english, text, issue.params)
}

const NOW = Date.parse('2026-06-15T12:00:00Z')
const at = (words: FilterWords, timeZone = 'UTC', now = NOW) =>
  toFilter(words, { now, timeZone }, async (account) => ({ accounts: [account] }))
const wordsOf = (text: string): FilterWords => {
  const { data } = read(text)
  if (data === undefined) throw new Error(problemOf(text))
  return data
}

describe('words that mean something', () => {
  test.each<[string, FilterWords]>([
    ['category:SECURITY', { category: ['SECURITY'] }],
    ['Category:security,Auth', { category: ['SECURITY', 'AUTH'] }],
    ['category:AUTH,AUTH,auth', { category: ['AUTH'] }],
    ['CATEGORY:“admin”', { category: ['ADMIN'] }],
    ['action:ROLE_CHANGE,WHITELIST_ADD', { action: ['ROLE_CHANGE', 'WHITELIST_ADD'] }],
    ['action:"ROLE_CHANGE, WHITELIST_ADD"', { action: ['ROLE_CHANGE', 'WHITELIST_ADD'] }],
    ['action:my-bot.order:placed', { action: ['my-bot.order:placed'] }],
    [`actor:${PERSON}`, { actor: PERSON }],
    ['actor:15550001111@c.us', { actor: PERSON }],
    ['actor:0015550001111', { actor: PERSON }],
    ['actor:+1-555-000-1111', { actor: PERSON }],
    ['actor:"+1 (555) 000 1111"', { actor: PERSON }],
    ['actor:“+1 555 000 1111”', { actor: PERSON }],
    ['Target:„+1 555 000 1111“', { target: PERSON }],
    ['actor:\u2068+15550001111\u2069', { actor: PERSON }],
    ['actor:@Bob target:+15550001111', { actor: MENTIONED, target: PERSON }],
    ['actor:system', { actor: 'SYSTEM' }],
    ['actor:Global', { actor: 'GLOBAL' }],
    ['actor:9001@lid', { actor: 'whatsapp:9001@lid' }],
    ['channel:120363000000000000@g.us', { channel: '120363000000000000@g.us' }],
    ['request:false_15550001111@c.us_3EB0', { request: 'false_15550001111@c.us_3EB0' }],
    ['source:WhatsApp,CLI', { source: ['whatsapp', 'cli'] }],
    ['text:"two words"', { text: 'two words' }],
    ['text:“two words”', { text: 'two words' }],
    ['text:„zwei Wörter“', { text: 'zwei Wörter' }],
    ["text:it's", { text: "it's" }],
    ['text:100%_\\d', { text: '100%_\\d' }],
    [`text:“say "hi"”`, { text: 'say "hi"' }],
    ['text:a:b', { text: 'a:b' }],
    ['since:7D', { since: '7D' }],
    ['since:Yesterday until:TODAY', { since: 'Yesterday', until: 'TODAY' }],
    ['30 category:AUTH', { days: 30, category: ['AUTH'] }],
    ['category:AUTH\u00A030', { days: 30, category: ['AUTH'] }],
    ['format:CSV.gz profile:Moderation', { format: 'csv.gz', profile: 'moderation' }],
  ])('%s', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('a number in national form is understood where a country says whose', () => {
    expect(read('actor:030-901820', 'DE').data).toEqual({ actor: '+4930901820' })
    expect(read('actor:030-901820').success).toBe(false)
  })

  test('twenty different values are a list', () => {
    const action = Array.from({ length: 20 }, (_, n) => `ACTION_${n}`)
    expect(wordsOf(`action:${action.join(',')}`)).toEqual({ action })
  })
})

describe('words that mean nothing are told as they were typed, with what is wanted', () => {
  const UNKNOWN = [
    ['categroy:AUTH', 'category'],
    ['Actr:+15550001111', 'actor'],
    ['form:csv', 'format'],
    ['sinse:7d', 'since'],
    ['untill:7d', 'until'],
    ['sourced:cli', 'source'],
    ['txt:words', 'text'],
  ] as const
  test.each(UNKNOWN)('%s: did you mean %s', (word, key) => {
    expect(problemOf(`category:AUTH ${word}`)).toBe(`I don't know "${word}". Did you mean ${key}: ?`)
  })

  test('a word that is like none gets the list of all', () => {
    expect(problemOf('colour:red')).toBe(
      'I don\'t know "colour:red". Filters: category:, action:, actor:, target:, channel:, request:, source:, text:, since:, until:.',
    )
    expect(problemOf('__proto__:x')).toMatch(/"[^"]+proto[^"]+:x" is none, and no filter either/)
    expect(problemOf('constructor:x')).toContain('I don\'t know "constructor:x"')
    expect(problemOf('days:30')).toContain('I don\'t know "days:30"')
  })

  test('a number without its country, or one that may be two', () => {
    expect(problemOf('actor:15550001111')).toBe('"actor:15550001111" has no country.\nBegin with +: actor:+1234567890')
    expect(problemOf('target:+541112345678')).toBe(
      'That may be two numbers. Send one as:\ntarget:5491112345678@c.us\ntarget:541112345678@c.us',
    )
  })

  const LIST_21 = `action:${Array.from({ length: 21 }, (_, n) => `A${n}`).join(',')}`
  test.each([
    ['category:', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['category:""', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['category:NOPE', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['category:AUTH,', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['category:AUTH,,ADMIN', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['category:constructor', 'AUTH, CONFIG, ADMIN or SECURITY'],
    ['action:', 'actions such as ROLE_CHANGE'],
    ["action:';DROP", 'actions such as ROLE_CHANGE'],
    [LIST_21, 'up to 20 with commas'],
    ['actor:', 'actor:+1234567890'],
    ['actor:bob', 'actor:+1234567890'],
    ['actor:@Nobody', 'actor:+1234567890'],
    ['target:12', 'target:+1234567890'],
    ['target:+1', 'target:+1234567890'],
    ['channel:', 'the id of a chat'],
    ['request:" "', 'the id of a message'],
    ['source:tele_gram', 'whatsapp, telegram, terminal'],
    ['text:', 'text:"two words"'],
    ['text:""', 'text:"two words"'],
    [`text:${'x'.repeat(201)}`, 'text:"two words"'],
    ['since:', 'since:7d'],
    ['since:soon', 'since:7d'],
    ['since:-1h', 'since:7d'],
    ['since:7y', 'since:7d'],
    ['since:2026-2-1', 'since:2026-02-01'],
    ['since:01.02.2026', 'since:2026-02-01'],
    ['until:٧d', 'until:7d'],
    ['format:xlsx', 'json, jsonl or csv'],
    ['profile:all', 'moderation'],
    ['since:1M', 'since:30m for minutes'],
    ['actor:+49 bob', 'actor:"+1 234 567 890"'],
  ] as const)('%s', (text, wanted) => {
    const problem = problemOf(text)
    expect(problem).toContain(`"${text.split(/ (?!")/)[0]?.slice(0, 30)}`)
    expect(problem).toContain(wanted)
  })

  test.each([
    ['category:AUTH category:ADMIN', 'category:ADMIN'],
    ['category:AUTH CATEGORY:AUTH', 'CATEGORY:AUTH'],
    ['7 since:2d', 'since:2d'],
    ['since:2d 7', '7'],
    ['until:2d 7', '7'],
    ['7 30', '30'],
  ])('%s says something again', (text, word) => {
    expect(problemOf(text)).toMatch(new RegExp(`^"${word}" says again what was said before it`))
  })

  test.each(['0', '366', '7abc', '-5', '٣', '"7 8"', 'hello'])('%s is no number of days', (text) => {
    expect(problemOf(text)).toMatch(/^Invalid number of days\. Please provide a number between 1 and 365\./)
  })

  test('no word at all is asked for', () => {
    for (const text of ['', ' ', '\n']) expect(read(text).success).toBe(false)
  })

  test('what was typed is shown in a form that no chat takes for markup, and short', () => {
    expect(problemOf(`action:*${'x'.repeat(500)}*`).length).toBeLessThan(200)
    expect(problemOf('category:*BOLD*')).not.toContain('*BOLD*')
  })
})

test('reading never throws, whatever is typed, and what is read can be kept as JSON', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('category:', 'action:', 'text:"', 'since:', 'until:', 'actor:', '”', '“', '"', ',', ' ', '7', 'd'),
    fc.constantFrom('__proto__:', 'constructor:', 'toString:x', '2026-02-30', 'T25:61', '\0', '\uD83D'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const parsed = parseFilter(text, { more: ['format', 'profile'], person: () => PERSON })
      if (parsed.kind === 'filter') expect(JSON.parse(JSON.stringify(parsed.words))).toEqual(parsed.words)
      else expect(text).toContain(parsed.problem.word)
      read(text)
      expect(
        typeof english.filter.problem((parsed as { problem?: FilterProblem }).problem ?? { kind: 'days', word: text }),
      ).toBe('string')
    }),
    { numRuns: 1000 },
  )
})

describe('times', () => {
  const isoOf = (date: Date | undefined) => date?.toISOString()

  test.each([
    ['30', '2026-05-16T12:00:00.000Z', undefined],
    ['since:1h', '2026-06-15T11:00:00.000Z', undefined],
    ['since:90m', '2026-06-15T10:30:00.000Z', undefined],
    ['since:2W', '2026-06-01T12:00:00.000Z', undefined],
    ['since:2d until:1h', '2026-06-13T12:00:00.000Z', '2026-06-15T11:00:00.000Z'],
    ['since:2026-02-01', '2026-02-01T00:00:00.000Z', undefined],
    ['until:2026-02-01', undefined, '2026-02-01T23:59:59.999Z'],
    ['since:2024-02-29 until:2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['since:2026-02-01T10:00', '2026-02-01T10:00:00.000Z', undefined],
    ['since:2026-02-01t10:00:30.5+02:00', '2026-02-01T08:00:30.500Z', undefined],
    ['until:2026-02-01T10:00Z', undefined, '2026-02-01T10:00:00.000Z'],
    ['since:yesterday until:yesterday', '2026-06-14T00:00:00.000Z', '2026-06-14T23:59:59.999Z'],
    ['since:today', '2026-06-15T00:00:00.000Z', undefined],
  ])('%s', async (text, start, end) => {
    const filter = await at(wordsOf(text))
    expect([isoOf(filter?.startDate), isoOf(filter?.endDate)]).toEqual([start, end])
  })

  test.each([
    'since:2026-02-30',
    'until:2026-13-01',
    'since:2025-02-29',
    'since:2026-02-01T25:00',
    'since:2026-02-01T10:61',
    'since:2026-02-02 until:2026-02-01',
    'since:1h until:2h',
    'since:today until:yesterday',
  ])('%s is no time that there is', async (text) => {
    expect(await at(wordsOf(text))).toBeUndefined()
  })

  test.each([
    ['2026-03-29', 'Europe/Berlin', 23, '2026-03-28T23:00:00.000Z'],
    ['2026-10-25', 'Europe/Berlin', 25, '2026-10-24T22:00:00.000Z'],
    ['2026-06-15', 'Europe/Berlin', 24, '2026-06-14T22:00:00.000Z'],
    ['2026-04-24', 'Africa/Cairo', 23, '2026-04-23T22:00:00.000Z'],
    ['2026-10-04', 'Australia/Lord_Howe', 23.5, '2026-10-03T13:30:00.000Z'],
    ['2026-06-15', 'Asia/Kathmandu', 24, '2026-06-14T18:15:00.000Z'],
    ['2026-11-01', 'America/Havana', 25, '2026-11-01T04:00:00.000Z'],
    ['2026-10-31', 'America/Havana', 24, '2026-10-31T04:00:00.000Z'],
    ['2026-03-08', 'America/Havana', 23, '2026-03-08T05:00:00.000Z'],
  ])('%s in %s is exactly that day, of %d hours', async (day, timeZone, hours, beginning) => {
    const filter = await at({ since: day, until: day }, timeZone)
    expect(isoOf(filter?.startDate)).toBe(beginning)
    expect(Number(filter?.endDate) - Number(filter?.startDate)).toBe(hours * HOUR - 1)
  })

  test('days are the same ones as in statistics, in every zone, on every day', async () => {
    const day = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    const changing = ['America/Havana', 'Africa/Cairo', 'Asia/Beirut', 'Australia/Lord_Howe', 'Europe/Helsinki']
    const zone = fc.constantFrom(...changing, ...Intl.supportedValuesOf('timeZone'))
    await fc.assert(
      fc.asyncProperty(zone, day, async (timeZone, now) => {
        for (const { name, start, end } of lastDays(3, timeZone, now.getTime()))
          expect(await at({ since: name, until: name }, timeZone)).toEqual({
            startDate: start,
            endDate: new Date(end.getTime() - 1),
          })
      }),
      {
        numRuns: 200,
        examples: [
          ['America/Havana', new Date('2026-11-02T12:00:00Z')],
          ['America/Asuncion', new Date('2024-03-24T12:00:00Z')],
        ],
      },
    )
  })

  test.each([
    ['2026-11-01T00:30', 'America/Havana', '2026-11-01T04:30:00.000Z', '2026-11-01T05:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
    ['2026-11-01T00:30-05:00', 'America/Havana', '2026-11-01T05:30:00.000Z', '2026-11-01T05:30:00.000Z'],
    ['2026-03-29T02:30+01:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z', '2026-03-29T01:30:00.000Z'],
  ])('%s in %s, where it comes twice, is since the first and until the last', async (time, timeZone, first, last) => {
    const filter = await at({ since: time, until: time }, timeZone)
    expect([isoOf(filter?.startDate), isoOf(filter?.endDate)]).toEqual([first, last])
  })

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin'],
    ['2026-03-08T00:30:15', 'America/Havana'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe'],
    ['2011-12-30', 'Pacific/Apia'],
  ])('%s in %s was skipped, and is no time that there is', async (time, timeZone) => {
    expect(await at({ since: time }, timeZone)).toBeUndefined()
    expect(await at({ until: time }, timeZone)).toBeUndefined()
  })

  test('today and yesterday are those of the time zone, also on the days when clocks change', async () => {
    const now = Date.parse('2026-03-30T00:30:00+02:00')
    const filter = await at({ since: 'yesterday', until: 'yesterday' }, 'Europe/Berlin', now)
    expect([isoOf(filter?.startDate), isoOf(filter?.endDate)]).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T21:59:59.999Z',
    ])
  })

  test('how long ago is counted in hours, whatever the clocks do', async () => {
    const now = Date.parse('2026-03-29T12:00:00+02:00')
    for (const [since, ms] of [
      ['1d', DAY],
      ['24h', DAY],
      ['1m', MINUTE],
    ] as const)
      expect(Number((await at({ since }, 'Europe/Berlin', now))?.startDate)).toBe(now - ms)
  })
})
