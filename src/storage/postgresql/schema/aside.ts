import type { Snapshot } from '../../contract.ts'

/**
 * Asks in a transaction without leaving anything behind: what an error breaks goes on, and settings are what they were.
 * Names are looked for among the server's own alone: what somebody put in public does not answer in its place.
 */
export async function aside<T>(snapshot: Snapshot, work: () => Promise<T>): Promise<T> {
  await snapshot.read('SAVEPOINT aside')
  try {
    await snapshot.read('SET LOCAL search_path = pg_catalog, pg_temp')
    return await work()
  } finally {
    await snapshot.read('ROLLBACK TO SAVEPOINT aside').catch(() => {})
    await snapshot.read('RELEASE SAVEPOINT aside').catch(() => {})
  }
}
