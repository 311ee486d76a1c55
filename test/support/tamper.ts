import { dirname } from 'node:path'
import { replaysOf } from '../../src/app/replays.ts'
import type { Verifier } from '../../src/audit/tree/note.ts'
import type { Finding } from '../../src/audit/verify/finding.ts'
import { type Verification, verify } from '../../src/audit/verify/verify.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import {
  copyDatabase,
  copyFolder,
  onPostgres,
  openAsOwner,
  type RawDatabase,
  testDatabase,
  urlOf,
  withoutTriggers,
} from './database.ts'
import { keyOf } from './writer.ts'

/** The key beside the database in a folder. */
export const keyIn = (folder: string): Verifier => keyOf(testDatabase(folder).path).current().verifier

export interface VerifyHow {
  readonly keys: readonly Verifier[]
  readonly now: number
  readonly checkpoint?: string | undefined
}

/** Checks the whole trail in a database. */
export async function verifyFile(path: string, { keys, now, checkpoint }: VerifyHow): Promise<Verification> {
  const snapshot = await openSnapshot(urlOf(path))
  try {
    return await verify(snapshot, { keys, checkpoint, replays: replaysOf(), now: new Date(now) })
  } finally {
    await snapshot.close()
  }
}

export const findingsIn = async (path: string, how: VerifyHow): Promise<readonly Finding[]> =>
  (await verifyFile(path, how)).findings

/** A copy of a database that is closed, to do to it what only its owner can: nothing in it refuses. */
export function copyOf(path: string, act: (database: RawDatabase) => void = () => {}, atEnd?: AtEnd): string {
  const { path: copy } = copyDatabase(path, temporaryFolder(atEnd))
  tamper(copy, act)
  return copy
}

/** Does to a database what only its owner can: nothing in it refuses. */
export function tamper(path: string, act: (database: RawDatabase) => void): void {
  const database = openAsOwner(path)
  try {
    if (!onPostgres) database.exec('PRAGMA synchronous = OFF; PRAGMA writable_schema = ON')
    withoutTriggers(database, () => act(database))
  } finally {
    database.close()
  }
}

/** A copy of a closed trail with what lies beside it, changed from outside and to be changed further. */
export function changedCopy(path: string, sql: readonly string[]) {
  const folder = temporaryFolder()
  copyFolder(dirname(path), folder)
  const copy = testDatabase(folder).path
  const change = (statements: readonly string[]) => {
    const database = openAsOwner(copy)
    for (const each of statements) database.exec(each)
    database.close()
  }
  change(sql)
  return { folder, path: copy, change }
}
