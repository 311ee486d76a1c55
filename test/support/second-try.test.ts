import { describe, expect, test } from 'vitest'
import { startsSomething, withoutDatabase } from './imports.ts'
import { mayBeTriedAgain } from './second-try.ts'

const failure = (message: string, name = 'Error') => ({ name, message })
const timeOut = failure('Test timed out in 60000ms.\nIf this is a long-running test, pass a timeout value')

describe('A second try', () => {
  test.each([
    ['a test that ran out of time', [timeOut], true],
    ['a hook that ran out of time', [failure('Hook timed out in 60000ms.')], true],
    ['a server that did not start', [failure('PostgreSQL did not start: no space')], true],
    ['a browser that did not start', [failure('Failed to launch the browser process! undefined')], true],
    ['a port that somebody took meanwhile', [failure('listen EADDRINUSE: address already in use 127.0.0.1:1')], true],
    ['an assertion', [failure('expected 1 to be 2', 'AssertionError')], false],
    ['an assertion that speaks of time', [failure('Test timed out in 5ms', 'AssertionError')], false],
    ['an assertion before a hook that ran out of time', [failure('expected 1', 'AssertionError'), timeOut], false],
    ['an error of what is tested', [failure('AUDIT_UNAVAILABLE')], false],
    ['an error that only mentions it', [failure('The entry says: Test timed out in 5ms')], false],
    ['a command that says so of the bot', [failure('Chatwarden did not start')], false],
    ['nothing', [], false],
  ])('after %s', (_name, failures, expected) => {
    expect(mayBeTriedAgain(failures)).toBe(expected)
  })
})

describe('What a test file stands on', () => {
  test('tells whether it starts something, through others too', () => {
    expect(startsSomething('test/support/child.ts')).toBe(true)
    expect(startsSomething('test/cli/cli.test.ts')).toBe(true)
    expect(startsSomething('test/chat/whatsapp/bot.test.ts')).toBe(true)
    expect(startsSomething('test/audit/tree/proofs.test.ts')).toBe(false)
    expect(startsSomething('test/roles/policy.test.ts')).toBe(false)
  })

  test('tells whether it needs a database', () => {
    const without = withoutDatabase()
    expect(without).toContain('test/audit/tree/proofs.test.ts')
    expect(without).not.toContain('test/roles/policy.test.ts')
    expect(without).not.toContain('test/audit/repository.test.ts')
    // They run nowhere else.
    expect(without.filter((file) => file.startsWith('test/postgresql/') || file.startsWith('test/move/'))).toEqual([])
  })
})
