import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, runNode } from './child.ts'

const FIXTURES = 'test/support/tried-twice'

test('is given where a machine was too slow, is told with both outcomes, and is given to nothing else', async () => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { code, stdout } = await runNode([vitest, 'run', '--config', `${FIXTURES}/vitest.config.ts`], {
    timeout: 120_000,
    isLong: true,
  })
  const told = stdout.split('\n').filter((line) => line.startsWith('FLAKY: '))
  const file = `FLAKY: ${FIXTURES}/fixture.ts >`
  expect(told).toEqual([
    `${file} runs out of time once: first Test timed out in 200ms.; then passed`,
    `${file} runs out of time always: first Test timed out in 200ms.; then Test timed out in 200ms.`,
  ])
  expect(code).toBe(1)
})
