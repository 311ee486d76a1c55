import { defineConfig } from 'vitest/config'

export const SETTINGS = {
  pool: 'forks',
  // Nothing but defaults.ts has state, so files can share what they load: a sixth of the time.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // A machine that is busy elsewhere makes a poll wait, and nothing wrong.
  expect: { poll: { timeout: 10_000 } },
} as const

/** What a run on PostgreSQL needs besides. What is about SQLite alone has a name that says so. */
export const ON_POSTGRES = {
  env: { CHATWARDEN_TEST_DATABASE: 'postgresql' },
  exclude: ['test/**/*.sqlite.*', 'test/move/**'],
  globalSetup: ['test/support/build.ts', 'test/support/postgres-server.ts'],
}

/** What runs on PostgreSQL too, each time; all of it by `vitest run --config vitest.postgres.config.ts`. */
const SMOKE = ['test/postgresql/**/*.test.ts']

export default defineConfig({
  test: {
    // The tests in a browser mostly wait for it.
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      {
        test: {
          ...SETTINGS,
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ['test/soak/**', 'test/postgresql/**', 'test/move/**'],
          globalSetup: 'test/support/build.ts',
        },
      },
      { test: { ...SETTINGS, ...ON_POSTGRES, name: 'postgresql', include: SMOKE } },
      // From a file to a server: they need both.
      {
        test: { ...SETTINGS, name: 'move', include: ['test/move/**/*.test.ts'], globalSetup: ON_POSTGRES.globalSetup },
      },
    ],
  },
})
