import { defineConfig } from 'vitest/config'
import { ON_POSTGRES } from './vitest.config.ts'

/** Long rounds, one file after the other: they measure, and would disturb each other. */
export default defineConfig({
  test: {
    include: ['test/**/*.soak.ts'],
    pool: 'forks',
    globalSetup: 'test/support/build.ts',
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
    expect: { poll: { timeout: 10_000 } },
    ...(process.env.CHATWARDEN_TEST_DATABASE === 'postgresql' && ON_POSTGRES),
  },
})
