import { defineConfig } from 'vitest/config'
import { ON_POSTGRES, REPORTERS, SETTINGS, TEARDOWN } from './vitest.config.ts'

/** What the tests say of a database, on PostgreSQL. */
export default defineConfig({
  test: {
    ...SETTINGS,
    ...ON_POSTGRES,
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    reporters: REPORTERS,
    teardownTimeout: TEARDOWN,
  },
})
