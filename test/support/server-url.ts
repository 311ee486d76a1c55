/** A server of PostgreSQL that tests may make databases on, as somebody who may. */
export function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL
  if (url === undefined) throw new Error('TEST_POSTGRES_URL names no server.')
  return url
}
