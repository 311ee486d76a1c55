import { defineConfig } from 'vitest/config'
import { ON_POSTGRES, SETTINGS } from './vitest.config.ts'

/** The whole suite on PostgreSQL. */
export default defineConfig({
  test: { ...SETTINGS, ...ON_POSTGRES, include: ['test/**/*.test.ts'], maxWorkers: 2 },
})
