import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutPasswords } from '../../src/kernel/without-password.ts'

describe('a line in which somebody wrote a URL', () => {
  test.each([
    ['--to postgresql://u:pw@h/d is none', '--to postgresql://…@h/d is none'],
    ['open ‘postgresql:/u:pw@h/d’', 'open ‘postgresql:/…@h/d’'],
    ['DATA_DIR="https://u:p@w/x?#@h" is a URL', 'DATA_DIR="https://…@h" is a URL'],
    ['https://token@h/a/@b', 'https://…@b'],
  ])('holds no user and no password: %s', (line, shown) => {
    expect(withoutPasswords(line)).toBe(shown)
  })

  test.each([
    'see https://example.com/a, or write to me@example.com',
    'at file:///srv/node_modules/@scope/x.js:1:2',
    'as postgresql://USER:PASSWORD@HOST/DATABASE',
    'C:/a@b.db',
    'telegram:42@group',
    '🙂\n  two   lines\t',
  ])('stays as it is where it has none: %s', (line) => {
    expect(withoutPasswords(line)).toBe(line)
  })

  test('whatever the password is', () => {
    const signs = fc.array(fc.constantFrom('s', '@', ':', '/', '#', '?', '%', '"'), { maxLength: 8 })
    fc.assert(
      fc.property(signs, signs, (one, other) => {
        const line = withoutPasswords(`--to x postgresql://u:${one.join('')}hunter2${other.join('')}@h/d is none.`)
        expect(line).not.toContain('hunter2')
      }),
    )
  })
})
