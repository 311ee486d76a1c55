import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Verifier } from '../../src/audit/tree/note.ts'
import type { Finding } from '../../src/audit/verify/finding.ts'
import { type Verification, verify } from '../../src/audit/verify/verify.ts'
import { replaysOf } from '../../src/replays.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { type AtEnd, temporaryFolder } from './chatwarden.ts'
import { keyOf } from './writer.ts'

/** The key beside the database in a folder. */
export const keyIn = (folder: string): Verifier => keyOf(join(folder, 'chatwarden.db')).current().verifier

export interface VerifyHow {
  readonly keys: readonly Verifier[]
  readonly now: number
  readonly checkpoint?: string | undefined
}

/** Checks the whole trail in a file. */
export async function verifyFile(path: string, { keys, now, checkpoint }: VerifyHow): Promise<Verification> {
  const snapshot = openSnapshot(`file:${path}`)
  try {
    return await verify(snapshot, { keys, checkpoint, replays: replaysOf(), now: new Date(now) })
  } finally {
    snapshot.close()
  }
}

export const findingsIn = async (path: string, how: VerifyHow): Promise<readonly Finding[]> =>
  (await verifyFile(path, how)).findings

/** A copy of a database that is closed, to do to it what only the file's owner can: nothing in it refuses. */
export function copyOf(path: string, act: (database: Database.Database) => void = () => {}, atEnd?: AtEnd): string {
  const copy = join(temporaryFolder(atEnd), 'chatwarden.db')
  copyFileSync(path, copy)
  tamper(copy, act)
  return copy
}

/** Does to a file what only its owner can: nothing in it refuses. */
export function tamper(path: string, act: (database: Database.Database) => void): void {
  const database = new Database(path)
  try {
    database.pragma('synchronous = OFF')
    database.pragma('writable_schema = ON')
    const triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all()
    for (const name of triggers) database.exec(`DROP TRIGGER "${name}"`)
    act(database)
  } finally {
    database.close()
  }
}
