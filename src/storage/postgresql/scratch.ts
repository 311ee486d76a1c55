import { randomBytes } from 'node:crypto'
import { withClient } from './client.ts'

/** Whether this user may make databases. */
export const mayMakeDatabases = (url: string): Promise<boolean> =>
  withClient(url, {}, async (client) => {
    const { rows } = await client.query(
      'SELECT rolcreatedb OR rolsuper AS yes FROM pg_roles WHERE rolname = current_user',
    )
    return rows[0]?.yes === true
  })

/** Does something with an empty database on the same server, which is gone afterwards. */
export async function withScratch<T>(url: string, work: (scratchUrl: string) => Promise<T>): Promise<T> {
  const name = `chatwarden_check_${randomBytes(6).toString('hex')}`
  const scratch = new URL(url)
  scratch.pathname = name
  await withClient(url, {}, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`),
  )
  try {
    return await work(scratch.href)
  } finally {
    await withClient(url, {}, (client) => client.query(`DROP DATABASE IF EXISTS ${name}`))
  }
}
