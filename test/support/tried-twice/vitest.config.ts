import { defineConfig } from 'vitest/config'
import { REPORTERS, SECOND_TRY } from '../../../vitest.config.ts'

export default defineConfig({
  test: {
    ...SECOND_TRY,
    include: ['test/support/tried-twice/*.ts'],
    exclude: ['**/vitest.config.ts'],
    pool: 'forks',
    reporters: REPORTERS,
  },
})
