import type { Verification, VerifyOptions } from '../audit/verify/verify.ts'
import { isPostgres } from '../storage/beside-database.ts'
import { copyDatabase } from '../storage/copy-database.ts'
import { dumpDatabase, headInDump, loadDump } from '../storage/postgresql/dump.ts'
import { mayMakeDatabases, withScratch } from '../storage/postgresql/scratch.ts'
import { checkDatabase, checkTrail, type Objection, type TrailEnd, trailEnd, trailEndOf } from './check-file.ts'

interface Checked {
  readonly end: TrailEnd
  /** `undefined`: the copy can be read, but nobody looked at what is in it. */
  readonly verification: Verification | undefined
}

/** A database as a backup is made of it. */
export interface BackupSource {
  readonly extension: 'db' | 'dump'
  copy(to: string, onCopy: (done: number, total: number) => void): Promise<void>
  check(path: string, how: VerifyOptions): Promise<Objection | Checked>
}

export const backupSource = (url: string): BackupSource => (isPostgres(url) ? ofServer(url) : ofFile(url))

const ofFile = (url: string): BackupSource => ({
  extension: 'db',
  copy: (to, onCopy) => copyDatabase(url, to, onCopy),
  check: async (path, how) => {
    const end = await checkDatabase(`file:${path}`)
    return 'checkpoint' in end ? { end, verification: await checkTrail(`file:${path}`, how) } : end
  },
})

const ofServer = (url: string): BackupSource => ({
  extension: 'dump',
  copy: (to) => dumpDatabase(url, to),
  check: async (path, how) => {
    // A dump is made of the tables, and indices are made anew of it: those of the server show only there.
    const own = await checkDatabase(url)
    if ('problem' in own) return own
    if (await mayMakeDatabases(url)) return withScratch(url, (scratch) => checkLoaded(scratch, path, how))
    const head = await headInDump(path)
    if (head === undefined) return { problem: 'the trail in it has no head' }
    return { end: trailEndOf(head.checkpoint, head.lastCreatedAt), verification: undefined }
  },
})

/** A dump shows whether it is one when it is brought into a database. */
async function checkLoaded(url: string, path: string, how: VerifyOptions): Promise<Objection | Checked> {
  await loadDump(url, path)
  const end = await trailEnd(url)
  return 'checkpoint' in end ? { end, verification: await checkTrail(url, how) } : end
}
