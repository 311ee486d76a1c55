// @ts-check
import pg from 'pg'

/** A connection of the bench's own, as the owner of everything. @param {string} url */
export async function connect(url) {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  // What ends the bench is told, not that its server is gone then.
  client.on('error', () => {})
  await client.connect()
  return client
}
