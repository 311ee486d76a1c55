// @ts-check
import pg from 'pg'

/** A connection of the bench's own, as the owner of everything. @param {string} url */
export async function connect(url) {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  await client.connect()
  return client
}
