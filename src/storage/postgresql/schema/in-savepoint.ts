import type { Snapshot } from '../../contract.ts'

// How definitions are written, whatever somebody has set for this database or role.
const PLAIN = ['search_path = pg_catalog, pg_temp', 'quote_all_identifiers = off', 'statement_timeout = 0']

/**
 * Asks in a transaction without leaving anything behind: what an error breaks goes on, and settings are what they were.
 * Names are looked for among the server's own alone: what somebody put in public does not answer in its place.
 */
export async function inSavepoint<T>(snapshot: Snapshot, work: () => Promise<T>): Promise<T> {
  await snapshot.read('SAVEPOINT look')
  const end = async () => {
    await snapshot.read('ROLLBACK TO SAVEPOINT look')
    await snapshot.read('RELEASE SAVEPOINT look')
  }
  try {
    for (const setting of PLAIN) await snapshot.read(`SET LOCAL ${setting}`)
    const result = await work()
    await end()
    return result
  } catch (error) {
    // What went wrong first is what there is to say: where the connection is lost, this fails too.
    await end().catch(() => {})
    throw error
  }
}
