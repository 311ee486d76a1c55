import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**'],
    pool: 'forks',
    // Nothing but defaults.ts has state, so files can share what they load: a sixth of the time.
    isolate: false,
    // The tests in a browser mostly wait for it.
    maxWorkers: 2,
    globalSetup: 'test/support/build.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A machine that is busy elsewhere makes a poll wait, and nothing wrong.
    expect: { poll: { timeout: 10_000 } },
  },
})
