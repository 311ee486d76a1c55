import { StoredTrail } from '../../src/audit/verify/stored-trail.repository.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'

/** The checkpoint that a trail ends with. */
export const headAt = (url: string): Promise<string> =>
  withSnapshot(url, async (snapshot) => (await new StoredTrail(snapshot).head())?.checkpoint ?? '')
