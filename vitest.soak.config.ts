import { defineConfig } from 'vitest/config'
import { ON_POSTGRES, RUN, SECOND_TRY } from './vitest.config.ts'

const onPostgres = process.env.CHATWARDEN_TEST_DATABASE === 'postgresql'

/**
 * Rounds that know of no database, look at files alone that one gave, or at how the package and its program are used:
 * once is enough. The page about operations runs all its blocks in the other round, those on PostgreSQL on a server of their own.
 */
const WITHOUT_DATABASE = [
  'test/audit/formulas.soak.ts',
  'test/audit/verify-export.soak.ts',
  'test/charts/**',
  'test/chat/**',
  'test/cli/paths.soak.ts',
  'test/cli/say.soak.ts',
  'test/docs/**',
  'test/library/**',
  'test/patterns/**',
  'test/schedule/changed-clocks.soak.ts',
  'test/soak/pack.soak.ts',
]

/** Long rounds, one file after the other: they measure, and would disturb each other. */
export default defineConfig({
  test: {
    ...RUN,
    ...SECOND_TRY,
    include: ['test/**/*.soak.ts'],
    pool: 'forks',
    globalSetup: ON_POSTGRES.globalSetup,
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
    expect: { poll: { timeout: 10_000 } },
    ...(onPostgres
      ? { ...ON_POSTGRES, exclude: [...ON_POSTGRES.exclude, ...WITHOUT_DATABASE] }
      : { exclude: ['test/postgresql/**'] }),
  },
})
