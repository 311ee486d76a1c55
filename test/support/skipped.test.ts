import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const TESTS = fileURLToPath(new URL('..', import.meta.url))

// What was skipped was not shown, and the gate counts it as failed.
test('what is said of one database alone is left out for the other, and not skipped', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const skipping = files.filter((file) =>
    /(?:skip|run)If\(!?on[P]ostgres/.test(readFileSync(join(TESTS, file), 'utf8')),
  )
  expect(skipping).toEqual([])
})
