import { defineConfig } from 'vitest/config'
import { withoutDatabase } from './test/support/imports.ts'
import { quickFolder } from './test/support/memory.ts'

const { TEST_REPORT } = process.env

/** `TEST_REPORT`: a file that the results are written to as well. */
export const REPORTERS = [
  'default',
  './test/support/flaky-reporter.ts',
  ...(TEST_REPORT ? [['json', { outputFile: TEST_REPORT }] as ['json', { outputFile: string }]] : []),
]

/** Of a whole run. Servers end one after the other, which takes longer than Vitest would wait. */
export const RUN = { reporters: REPORTERS, teardownTimeout: 60_000 }

/** Which tests may be tried a second time, and after what, is said in that file. */
export const SECOND_TRY = { retry: 1, setupFiles: ['test/support/second-try.ts'] }

export const SETTINGS = {
  ...SECOND_TRY,
  pool: 'forks',
  env: { TEST_FOLDER: quickFolder() },
  // Nothing but app/defaults.ts has state, so files can share what they load, which saves a sixth of the time.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // A machine that is busy elsewhere makes a poll wait, and nothing wrong.
  expect: { poll: { timeout: 10_000 } },
} as const

/** What a second database says nothing new of: what is about SQLite alone, what needs both, and the example, which is a bot of its own. */
const ELSEWHERE = ['test/**/*.sqlite.*', 'test/move/**', 'test/examples/**']

/** What a run on PostgreSQL needs besides. */
export const ON_POSTGRES = {
  env: { CHATWARDEN_TEST_DATABASE: 'postgresql' },
  exclude: [...ELSEWHERE, ...withoutDatabase()],
  globalSetup: ['test/support/build.ts', 'test/support/postgres-server.ts'],
}

/** What runs on PostgreSQL too, each time; all of it by `npm run test:postgresql`. */
const SMOKE = ['test/postgresql/**/*.test.ts']

export default defineConfig({
  test: {
    // The tests in a browser mostly wait for it.
    maxWorkers: 2,
    ...RUN,
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
