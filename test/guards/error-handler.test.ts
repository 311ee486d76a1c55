import { describe, expect, test } from 'vitest'
import {
  createErrorHandler,
  type Denied,
  type ErrorHandlerOptions,
  PermissionError,
} from '../../src/guards/error-handler.ts'

function handlerOf(options: ErrorHandlerOptions<string> = {}) {
  const denials: Denied<string>[] = []
  const handler = createErrorHandler<string>({ onDenied: (denied) => denials.push(denied), ...options })
  /** What comes out when the host's code throws `error`. */
  const throwing = (error: unknown) =>
    handler
      .run('ann', () => Promise.reject(error))
      .then(
        () => expect.unreachable(),
        (thrown: unknown) => thrown,
      )
  return { handler, denials, throwing }
}

const UNKNOWN = { who: 'ann', attemptedAction: 'UNKNOWN', reason: undefined }

test('what goes well is handed on, and nothing is reported', async () => {
  const { handler, denials } = handlerOf()
  expect(await handler.run('ann', async () => 'done')).toBe('done')
  expect(denials).toEqual([])
})

describe('a permission error', () => {
  test('is reported with who tried what, and thrown on as it is', async () => {
    const { denials, throwing } = handlerOf()
    const error = new PermissionError('RESET_CONVERSATION', 'Only owners may.')
    expect(await throwing(error)).toBe(error)
    const bare = new PermissionError('READ_COSTS')
    expect(await throwing(bare)).toBe(bare)
    expect(denials).toEqual([
      { who: 'ann', attemptedAction: 'RESET_CONVERSATION', reason: 'Only owners may.' },
      { who: 'ann', attemptedAction: 'READ_COSTS', reason: undefined },
    ])
  })

  test('has a name and a message of its own', () => {
    const error = new PermissionError('READ_COSTS', 'Only owners may.')
    expect(error).toMatchObject({ name: 'PermissionError', message: 'Not permitted: READ_COSTS (Only owners may.)' })
    expect(new PermissionError('READ_COSTS').message).toBe('Not permitted: READ_COSTS')
  })

  test('of another copy of the package is one too', async () => {
    const { denials, throwing } = handlerOf()
    const foreign = Object.assign(new Error('Not permitted: READ_COSTS'), {
      name: 'PermissionError',
      attemptedAction: 'READ_COSTS',
      reason: 'Only owners may.',
    })
    expect(await throwing(foreign)).toBe(foreign)
    expect(denials).toEqual([{ who: 'ann', attemptedAction: 'READ_COSTS', reason: 'Only owners may.' }])
  })

  test('that is thrown before anything is awaited is reported as well', async () => {
    const { handler, denials } = handlerOf()
    const work = () => {
      throw new PermissionError('READ_COSTS')
    }
    await expect(handler.run('ann', work)).rejects.toThrow(PermissionError)
    expect(denials).toHaveLength(1)
  })

  test('that passes several runs is reported once, by the innermost', async () => {
    const { handler, denials } = handlerOf()
    const innermost = () => Promise.reject(new PermissionError('READ_COSTS'))
    const nested = handler.run('ann', () => handler.run('bob', () => handler.run('cat', innermost)))
    await expect(nested).rejects.toThrow(PermissionError)
    expect(denials.map(({ who }) => who)).toEqual(['cat'])
  })

  test('is one of many: each is reported', async () => {
    const { denials, throwing } = handlerOf()
    for (let n = 0; n < 3; n++) await throwing(new PermissionError('READ_COSTS'))
    expect(denials).toHaveLength(3)
  })

  test.each([
    ['throws', () => raise()],
    ['rejects', async () => raise()],
  ])('is thrown on where the callback %s', async (_, onDenied) => {
    const error = new PermissionError('READ_COSTS')
    expect(await handlerOf({ onDenied }).throwing(error)).toBe(error)
  })
})

describe('any other error', () => {
  test.each([new Error('PermissionError'), 'PermissionError', { name: 'PermissionError' }, undefined, null])(
    'is only thrown on: %o',
    async (error) => {
      const { denials, throwing } = handlerOf()
      expect(await throwing(error)).toBe(error)
      expect(denials).toEqual([])
    },
  )

  test('may be a permission error for the host; only a declared action is taken from it', async () => {
    const { denials, throwing } = handlerOf({ isPermissionError: () => true })
    const message = 'May not read "a secret message".'
    await throwing(Object.assign(new Error(message), { attemptedAction: 'READ_COSTS', reason: message }))
    expect(denials).toEqual([{ who: 'ann', attemptedAction: 'READ_COSTS', reason: undefined }])
    for (const error of [new Error(message), message, null, Object.assign(new Error(), { attemptedAction: 7 })])
      await throwing(error)
    expect(denials.slice(1)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN])
  })

  test('is not taken for one where the host says otherwise', async () => {
    const { denials, throwing } = handlerOf({ isPermissionError: () => false })
    await throwing(new PermissionError('READ_COSTS'))
    expect(denials).toEqual([])
  })

  test('comes out of a check that fails, not what the check threw', async () => {
    const { throwing } = handlerOf({ isPermissionError: () => raise() })
    const error = new Error('The database is gone.')
    expect(await throwing(error)).toBe(error)
  })
})

function raise(): never {
  throw new Error('The host has a defect.')
}
