import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { defineSetting, type Setting } from '../../src/settings/setting.ts'
import { ADMIN, OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { capturedLog } from '../support/traces.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const summary = 'For tests.'

const count = defineSetting({ name: 'count', summary, schema: z.int().min(1).max(9), fallback: 3, example: '4' })
const ratio = defineSetting({ name: 'ratio', summary, schema: z.number().gt(0).lt(1), fallback: 0.5, example: '0.7' })
const many = defineSetting({ name: 'many', summary, schema: z.int().positive(), fallback: 1, example: '2' })
const isChatty = defineSetting({ name: 'chatty', summary, schema: z.boolean(), fallback: false, example: 'on' })
const model = defineSetting({
  name: 'ai-model',
  summary,
  schema: z.enum(['small', 'large']),
  fallback: 'small',
  example: 'large',
  role: 'ADMIN',
})
const names = defineSetting({
  name: 'names',
  summary,
  schema: z.array(z.string()).max(2),
  fallback: [],
  example: '["a"]',
})
const price = defineSetting({
  name: 'price',
  summary,
  schema: z.object({ unit: z.string(), amount: z.number() }),
  fallback: { unit: 'EUR', amount: 1 },
  example: '{"unit":"EUR","amount":2}',
})
const lengthOf = defineSetting({
  name: 'length-of',
  summary,
  schema: z.string().transform((text) => text.length),
  fallback: 0,
  example: 'four',
})
const even = defineSetting({
  name: 'even',
  summary,
  schema: z.int().refine((n) => n % 2 === 0),
  values: 'an even number',
  fallback: 0,
  example: '2',
})
const address = defineSetting({
  name: 'address',
  summary,
  schema: z.string().transform((text) => new URL(text)),
  fallback: new URL('https://example.org'),
  example: 'https://example.com',
})
const mail = defineSetting({ name: 'mail', summary, schema: z.email(), fallback: 'a@example.org', example: 'b@c.org' })
const nickname = defineSetting({
  name: 'nickname',
  summary,
  schema: z.string().min(2).max(5).optional(),
  fallback: undefined,
  example: 'Bot',
})
const limit = defineSetting({
  name: 'limit',
  summary,
  schema: z.union([z.literal('none'), z.number().min(5)]).nullable(),
  fallback: null,
  example: '5',
})
const HOSTS = [count, ratio, many, isChatty, model, names, price, lengthOf, even, address, mail, nickname, limit]

test('a text keeps its quotes and spaces, and JSON may be written as it is', async () => {
  const greeting = defineSetting({
    name: 'greeting',
    summary: 'What the bot says first.',
    schema: z.string(),
    fallback: '',
    example: 'Hello',
  })
  const shape = defineSetting({
    name: 'shape',
    summary: 'An object.',
    schema: z.object({ a: z.string(), b: z.number() }),
    fallback: { a: '', b: 0 },
    example: '{"a":"x","b":1}',
  })
  const warden = await openTestWarden({ settings: [greeting, shape] })
  const set = (text: string) => warden.say(OWNER, `!config set ${text}`)
  await set('greeting Say  "hi there" to “all”  of them')
  expect(warden.settings.get(greeting)).toBe('Say  "hi there" to “all”  of them')
  await set('greeting "just this"')
  expect(warden.settings.get(greeting)).toBe('just this')
  await set('shape {"a": "two words", "b": 2}')
  expect(warden.settings.get(shape)).toEqual({ a: 'two words', b: 2 })
  expect((await set('shape __proto__')).status).toBe('usage')
})

describe('a setting of the host', () => {
  const shared = shareWarden({ settings: HOSTS })

  // biome-ignore lint/suspicious/noExplicitAny: each has a type of its own.
  test.each<[setting: Setting<any>, typed: string, value: unknown, shown?: string]>([
    [count, '4', 4],
    [ratio, '0.25', 0.25],
    [many, '1000000', 1_000_000],
    [isChatty, 'on', true],
    [model, 'large', 'large'],
    [names, '["a","b"]', ['a', 'b']],
    [price, '{"unit":"USD","amount":2}', { unit: 'USD', amount: 2 }],
    [lengthOf, 'some words', 10],
    [even, '-4', -4],
    [mail, 'me@example.com', 'me@example.com'],
    [nickname, 'Botty', 'Botty'],
    [limit, '7.5', 7.5],
    [limit, 'none', 'none'],
  ])('has the value that was typed, with the type of its schema: $name', async (setting, typed, value) => {
    const { warden } = shared
    const before = warden.settings.get(setting)
    expect(before).toEqual(setting.fallback)
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config set ${setting.name} ${typed}`))
    expect(result.status).toBe('answered')
    expect(warden.settings.get(setting)).toEqual(value)
    expect(entries).toMatchObject([{ action: 'CONFIG_UPDATE', metadata: { setting: setting.name } }])
    expect(entries[0]?.metadata).toHaveProperty('oldValue')
    expect((await warden.say(OWNER, '!config get')).status).toBe('answered')
    expect((await warden.say(OWNER, `!config get ${setting.name}`)).status).toBe('answered')
    expect((await warden.say(OWNER, `!config reset ${setting.name}`)).status).toBe('answered')
    expect(warden.settings.get(setting)).toEqual(setting.fallback)
  })

  test.each<[key: string, typed: readonly string[], takes: string]>([
    ['count', ['0', '10', '1.5', 'x'], 'a whole number from 1 to 9'],
    ['ratio', ['0', '1', '-1'], 'a number above 0 and below 1'],
    ['many', ['0', '-1', '1.5'], 'a whole number above 0'],
    ['chatty', ['1', 'maybe'], 'on or off'],
    ['ai-model', ['huge', 'larger'], 'one of: small, large'],
    ['names', ['a', '["a","b","c"]', '[1]', '["a"', '{}'], 'a value such as ["a"]'],
    ['price', ['{"unit":"EUR"}', '5', '[]'], 'a value such as {"unit":"EUR","amount":2}'],
    ['even', ['3', '2.5'], 'an even number'],
    ['address', ['nowhere', '/path'], 'a text of at most 200 characters'],
    ['mail', ['nobody', 'a@b@c.org'], 'a value such as b@c.org'],
    ['nickname', ['x', 'Robots'], 'a text of 2 to 5 characters'],
    ['limit', ['4', 'null', 'nothing'], 'a value such as 5'],
    ['length-of', ['x'.repeat(201)], 'a text of at most 200 characters'],
  ])('refuses what its schema does not take, in words and with its bounds: %s', async (key, typed, takes) => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, async () => {
      for (const value of typed) {
        const handled = await warden.say(OWNER, `!config set ${key} ${value}`)
        expect([value, handled.status]).toEqual([value, 'usage'])
        expect(textOf(handled).replaceAll('\u2060', '')).toBe(`That is no value for ${key}. It takes ${takes}.`)
      }
    })
    expect(entries).toEqual([])
  })

  test('is for its least role, OWNER unless it says otherwise', async () => {
    const { warden } = shared
    expect((await warden.say(ADMIN, '!config set ai-model large')).status).toBe('answered')
    expect((await warden.say(ADMIN, '!config reset ai-model')).status).toBe('answered')
    expect((await warden.say(ADMIN, '!config set count 4')).status).toBe('denied')
    expect(warden.settings.get(count)).toBe(3)
  })

  test('counts at once, whatever else is sent at that moment', async () => {
    const { warden } = shared
    for (const value of [4, 5, 6]) {
      const others = () => Array.from({ length: 4 }, () => warden.say(OWNER, '!config set chatty maybe'))
      const before = others()
      await Promise.all([...before, warden.say(OWNER, `!config set count ${value}`), ...others()])
      expect(warden.settings.get(count)).toBe(value)
    }
    await warden.say(OWNER, '!config reset count')
  })
})

describe('defineSetting', () => {
  const valid = { name: 'name', summary, schema: z.string(), fallback: '', example: 'x' }

  test.each(['', 'Name', 'two words', '-a', 'a-', 'a--b', '1a', 'ä', 'a_b', 'a.b', 'a\n', 'x'.repeat(41)])(
    'refuses a name that could not be typed as it is: %j',
    (name) => {
      const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
      expect(() => defineSetting({ ...valid, name })).toThrow(refused)
    },
  )

  test('refuses a fallback that its schema does not take, and takes any name that can be typed', () => {
    const outside = { ...valid, schema: z.string().min(2), fallback: 'x' }
    expect(() => defineSetting(outside)).toThrow('The setting name has a fallback that its schema does not take')
    for (const name of ['a', 'a1-b2', 'x'.repeat(40)]) expect(defineSetting({ ...valid, name }).name).toBe(name)
  })

  test('refuses a schema that cannot tell at once', () => {
    const schema = z.string().refine(async () => true)
    expect(() => defineSetting({ ...valid, schema })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  test.each([['name'], ['timezone']])(
    'two settings of one name are refused, as is one named like ours',
    async (name) => {
      const settings = [defineSetting({ ...valid, name }), defineSetting({ ...valid, name })]
      const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(`two settings ${name}`) }
      await expect(openTestWarden({ settings: name === 'name' ? settings : settings.slice(1) })).rejects.toMatchObject(
        refused,
      )
    },
  )
})

describe('after an upgrade of the host', () => {
  const asked = (schema: z.ZodType<unknown>, fallback: unknown, secret = false) =>
    defineSetting({ name: 'changed', summary, schema, fallback, example: 'x', secret })

  test('a value that is no longer taken counts as the default, everywhere, and can be set anew', async () => {
    const folder = temporaryFolder()
    const before = await openTestWarden({ settings: [asked(z.string(), 'a')] }, folder)
    await before.say(OWNER, '!config set changed long-text')
    await before.close()
    const changed = asked(z.string().max(3), 'abc')
    const after = await openTestWarden({ settings: [changed] }, folder)
    expect(after.settings.get(changed)).toBe('abc')
    expect(await after.ask(OWNER, '!config get changed')).toContain('Value: *abc*')
    const set = await after.ask(OWNER, '!config set changed xyz')
    expect(set).toContain('⚙️ changed: abc → xyz')
    expect(after.settings.get(changed)).toBe('xyz')
  })

  test('a value that was a secret and is none any more counts as the default', async () => {
    const folder = temporaryFolder()
    const before = await openTestWarden({ settings: [asked(z.string(), '', true)] }, folder)
    await before.say(OWNER, '!config set changed hidden')
    await before.close()
    const changed = asked(z.string(), 'open')
    const after = await openTestWarden({ settings: [changed] }, folder)
    expect(after.settings.get(changed)).toBe('open')
    expect((await after.say(OWNER, '!config set changed other')).status).toBe('answered')
  })

  test('a setting that is no longer there is left alone', async () => {
    const folder = temporaryFolder()
    const settings = [asked(z.string(), 'a')]
    const before = await openTestWarden({ settings }, folder)
    await before.say(OWNER, '!config set changed kept')
    await before.close()
    const without = await openTestWarden({}, folder)
    expect(await without.ask(OWNER, '!config get')).not.toContain('changed')
    await without.close()
    const again = await openTestWarden({ settings }, folder)
    expect(await again.ask(OWNER, '!config get changed')).toContain('Value: *kept*')
  })
})

describe('onChange', () => {
  test('tells each listener once of each change, whatever another listener throws', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { log, lines } = capturedLog()
    const warden = await openTestWarden({ settings: HOSTS, log })
    const heard: unknown[] = []
    warden.settings.onChange(() => {
      throw new Error('a listener of the host fails')
    })
    const stop = warden.settings.onChange(({ name }, value) => heard.push([name, value]))
    await warden.say(OWNER, '!config set count 5')
    await warden.say(OWNER, '!config set names ["a"]')
    await warden.say(OWNER, '!config set count 5')
    // Looking again, by hand and by itself, finds nothing new, whatever the schema makes of the value.
    await warden.say(OWNER, '!config get')
    await vi.advanceTimersByTimeAsync(2000)
    await warden.say(OWNER, '!config reset count')
    expect(heard).toEqual([
      ['count', 5],
      ['names', ['a']],
      ['count', 3],
    ])
    expect(lines.filter((line) => line.includes('A listener to settings failed'))).toHaveLength(3)
    stop()
    await warden.say(OWNER, '!config set count 6')
    expect(heard).toHaveLength(3)
  })
})
