import { defineConfig } from 'vitest/config'
import { ON_POSTGRES, RUN, SETTINGS } from './vitest.config.ts'

/** What the tests say of a database, on PostgreSQL. */
export default defineConfig({
  test: { ...RUN, ...SETTINGS, ...ON_POSTGRES, include: ['test/**/*.test.ts'], maxWorkers: 2 },
})
