import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { excessOf, objectIn, readJson } from '../../src/kernel/json.ts'
import { readSmall, readSmallSync } from '../../src/kernel/small-text.ts'
import { removeFolder } from '../support/remove-folder.ts'

/** A value that holds itself twice, ninety times over: no deeper than may be, and as many values as there are atoms. */
function doubled(): unknown {
  let value: unknown = 'x'
  for (let times = 0; times < 90; times++) value = [value, value]
  return value
}

const endless = (): unknown => ({
  get more() {
    return endless()
  },
})

const TOO_MANY = 'more than 65535 values'
const TOO_DEEP = 'more than 100 levels'
const circle: { in?: unknown } = {}
circle.in = circle

test.each<[string, unknown, string]>([
  ['a value that holds itself', circle, TOO_DEEP],
  ['a value that is made as it is looked at', endless(), TOO_DEEP],
  ['a value that stands in others again and again', doubled(), TOO_MANY],
  ['a list of four thousand million places', Object.assign([], { length: 4_000_000_000 }), TOO_MANY],
  ['bytes', new Uint8Array(100_000_000), TOO_MANY],
  ['very many values', Array.from({ length: 70_000 }, () => 1), TOO_MANY],
])('%s is known without being looked through', (_, value, excess) => {
  expect(excessOf({ value })).toBe(excess)
})

test('what an entry may have has no excess, whatever its fields are called', () => {
  expect(excessOf({ length: 5_000_000_000, list: [1, [2, { three: 3 }]] })).toBeUndefined()
})

test.each([
  ['nothing but brackets', '['.repeat(500_000) + ']'.repeat(500_000), 'has more than 120 levels'],
  ['very many values', `[${'1,'.repeat(400_000)}1]`, 'has more than 65535 values'],
  ['spaces', ' '.repeat(50_000_000), 'is longer than 1048576 characters'],
  ['half of it', '{"a":', 'is no JSON'],
])('JSON of %s is refused by what is wrong with it', (_, text, problem) => {
  expect(readJson(text)).toEqual({ problem })
  expect(objectIn(text)).toBeUndefined()
})

test('no more of a file is read than may be, however large it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatwarden-test-'))
  try {
    const path = join(folder, 'key')
    writeFileSync(path, 'x'.repeat(100_001))
    for (const large of [path, '/dev/zero']) {
      await expect(readSmall(large, 100_000)).rejects.toThrow(`${large} is larger than 100000 bytes.`)
      expect(() => readSmallSync(large, 100_000)).toThrow(`${large} is larger than 100000 bytes.`)
    }
    expect((await readSmall(path, 100_001)).length).toBe(100_001)
    expect(readSmallSync(path, 100_001).length).toBe(100_001)
  } finally {
    removeFolder(folder)
  }
})
