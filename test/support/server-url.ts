/** Where tests find a PostgreSQL, as a superuser: they make databases and roles of their own on it. */
export function serverUrl(): string {
  const { TEST_POSTGRES_URL = '' } = process.env
  if (TEST_POSTGRES_URL === '') throw new Error('TEST_POSTGRES_URL names no PostgreSQL for the tests.')
  return TEST_POSTGRES_URL
}
