import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createModeration, type Moderated, type ModerationFlag } from '../../src/guards/moderation.ts'
import { ModerationError } from '../../src/guards/moderation-error.ts'

const TEXT = 'a secret "message"\nof two lines'
const HELD = { passes: false, flagged: false, categories: [], isDown: true }

/** Checks one text with a service that gives `answer`, and keeps all that was reported. */
async function check(answer: () => unknown, whenDown: () => 'hold' | 'pass' = () => 'hold') {
  const asked: string[] = []
  const flags: ModerationFlag<string>[] = []
  const errors: unknown[] = []
  const moderation = createModeration<string>({
    moderate: (text) => {
      asked.push(text)
      // What a service gives at run time may be anything.
      return answer() as Promise<Moderated>
    },
    whenDown,
    onFlag: (flag) => flags.push(flag),
    onDown: (error) => errors.push(error),
  })
  return { verdict: await moderation.check('ann', TEXT), asked, flags, errors }
}

describe('a text', () => {
  test('that is not flagged passes, and nothing is reported', async () => {
    const { verdict, asked, flags, errors } = await check(async () => ({ flagged: false, categories: [] }))
    expect(verdict).toEqual({ passes: true, flagged: false, categories: [], isDown: false })
    expect([asked, flags, errors]).toEqual([[TEXT], [], []])
  })

  test('that is flagged never passes, and its categories are reported', async () => {
    const categories = ['hate', 'violence']
    const { verdict, flags, errors } = await check(
      async () => ({ flagged: true, categories }),
      () => 'pass',
    )
    expect(verdict).toEqual({ passes: false, flagged: true, categories, isDown: false })
    expect([flags, errors]).toEqual([[{ who: 'ann', categories }], []])
  })

  test('that is flagged without a category does not pass either', async () => {
    const { verdict, flags } = await check(async () => ({ flagged: true, categories: [] }))
    expect(verdict.passes).toBe(false)
    expect(flags).toEqual([{ who: 'ann', categories: [] }])
  })

  test('has at most 50 categories of 100 characters', async () => {
    const categories = Array.from({ length: 1000 }, (_, n) => `${n} ${'x'.repeat(1000)}`)
    const { verdict, flags } = await check(async () => ({ flagged: true, categories }))
    expect(verdict.categories).toHaveLength(50)
    expect(Math.max(...verdict.categories.map(({ length }) => length))).toBe(100)
    expect(flags).toEqual([{ who: 'ann', categories: verdict.categories }])
  })
})

describe('a text that the service does not take', () => {
  test.each(['hold', 'pass'] as const)('passes nowhere, and the service is not down for it: %s', async (whenDown) => {
    const { verdict, errors } = await check(
      () => Promise.reject(new ModerationError('It is too long.', true)),
      () => whenDown,
    )
    expect(verdict).toEqual({ passes: false, flagged: false, categories: [], isDown: false })
    expect(errors).toEqual([])
  })
})

describe('a service that gives no verdict', () => {
  const quoting = () => Object.assign(new Error(`Cannot judge ${TEXT}`, { cause: { body: TEXT } }), { input: TEXT })

  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(quoting())],
    ['throws', () => raise(quoting())],
    ['rejects with a bare text', () => Promise.reject(TEXT)],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['rejects with an error that cannot be read', () => Promise.reject(unreadable())],
    ['answers nothing', () => undefined],
    ['answers with a text', async () => TEXT],
    ['answers with null', async () => null],
    ['leaves out the categories', async () => ({ flagged: false })],
    ['has no opinion', async () => ({ flagged: 'no', categories: [] })],
    ['names categories by number', async () => ({ flagged: false, categories: [1] })],
    ['answers with an object that cannot be read', async () => unreadable()],
  ])('as it %s is down: the text is held or passes as was chosen, and the text is told nobody', async (_, answer) => {
    const held = await check(answer)
    expect(held.verdict).toEqual(HELD)
    const passed = await check(answer, () => 'pass')
    expect(passed.verdict).toEqual({ ...HELD, passes: true })
    expect(passed.flags).toEqual([])
    for (const error of passed.errors) {
      expect(error).toBeInstanceOf(ModerationError)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/secret|two lines/)
    }
  })

  test.each<[unknown, string]>([
    [new ModerationError('The service wants more money.'), 'The service wants more money.'],
    [Object.assign(new Error(TEXT), { code: 'ECONNRESET' }), 'The moderation service failed (ECONNRESET).'],
    [new TypeError(TEXT, { cause: Object.assign(new Error(TEXT), { code: 'ENOTFOUND' }) }), '(ENOTFOUND)'],
    [Object.assign(new RangeError(TEXT), { code: TEXT }), 'The moderation service failed (RangeError).'],
    [Object.assign(new Error(TEXT), { name: TEXT }), 'The moderation service failed (Error).'],
    [TEXT, 'The moderation service failed (string).'],
  ])('is reported with what may be told of %o', async (thrown, message) => {
    const { errors } = await check(() => Promise.reject(thrown))
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })])
  })

  test('is reported when it answers with what is no verdict', async () => {
    const { errors } = await check(async () => 'yes')
    expect(errors).toEqual([
      expect.objectContaining({ message: 'The moderation service gave something that is not a verdict.' }),
    ])
  })

  test('holds the text where the host cannot say what is to be done', async () => {
    const { verdict } = await check(
      () => raise(new Error('down')),
      () => raise(new Error('no setting')),
    )
    expect(verdict).toEqual(HELD)
  })
})

test.each([
  ['throw', () => raise(new Error('a defect'))],
  ['reject', async () => raise(new Error('a defect'))],
])('callbacks that %s change no verdict', async (_, callback) => {
  const calls = { whenDown: () => 'hold' as const, onFlag: callback, onDown: callback }
  const flagging = createModeration({ ...calls, moderate: async () => ({ flagged: true, categories: ['hate'] }) })
  expect(await flagging.check('ann', TEXT)).toMatchObject({ passes: false, flagged: true })
  const down = createModeration({ ...calls, moderate: () => Promise.reject(new Error('down')) })
  expect(await down.check('ann', TEXT)).toEqual(HELD)
})

function raise(error: unknown): never {
  throw error
}

/** Throws whatever is read of it. */
function unreadable(): Error {
  const refuse = () => raise(new Error(TEXT))
  return new Proxy(new Error(TEXT), { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse })
}
