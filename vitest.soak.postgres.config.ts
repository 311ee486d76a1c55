// Before the other is read, which asks.
process.env.CHATWARDEN_TEST_DATABASE = 'postgresql'

/** The long rounds on PostgreSQL. */
export default (await import('./vitest.soak.config.ts')).default
