import { defineConfig } from 'vitest/config'

/** What can only be measured with the tests' own stand-in. */
export default defineConfig({
  test: { include: ['bench/**/*.bench.ts'], pool: 'forks', testTimeout: 10 * 60_000, reporters: ['dot'] },
})
