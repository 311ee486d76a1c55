import { randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { expect, onTestFinished } from 'vitest'
import { systemOperator } from '../../src/app/operator.ts'
import { replaysOf } from '../../src/app/replays.ts'
import { claimIn } from '../../src/audit/tree/checkpoint.ts'
import type { Verifier } from '../../src/audit/tree/note.ts'
import { rootAt } from '../../src/audit/tree/proofs.ts'
import { StoredTrail } from '../../src/audit/verify/stored-trail.repository.ts'
import { type Verification, verify } from '../../src/audit/verify/verify.ts'
import { SigningKey } from '../../src/audit/write/signing-key.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { MoveRequest } from '../../src/move/move.ts'
import { moveTrail } from '../../src/move/move-trail.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { serverUrl } from './server-url.ts'

/** An empty database of its own, gone after the test. @returns its URL. */
export async function emptyDatabase(atEnd: AtEnd = onTestFinished): Promise<string> {
  const name = `move_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl(), `CREATE DATABASE ${name}`)
  atEnd(() => onServer(serverUrl(), `DROP DATABASE ${name} WITH (FORCE)`).then(() => {}))
  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return url.href
}

/** Asks a server. */
export async function onServer<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows as Row[]
  } finally {
    await client.end()
  }
}

export interface Place {
  readonly folder: string
  readonly path: string
}

/** A copy of a closed database and its key, in a folder of its own. */
export function copyOfTrail(path: string): Place {
  const folder = temporaryFolder()
  const copy = join(folder, 'chatwarden.db')
  for (const end of ['', '.signing-key']) copyFileSync(join(dirname(path), `chatwarden.db${end}`), `${copy}${end}`)
  return { folder, path: copy }
}

/** Moves a trail in this process, in batches so small that there are some. */
export const move = ({ folder, path }: Place, to: string, more: Partial<MoveRequest> = {}) =>
  moveTrail({
    beside: {
      from: { databaseUrl: `file:${path}`, dataDir: folder },
      to: { databaseUrl: to, dataDir: folder },
      isKeyConfigured: false,
      isArchiveConfigured: false,
    },
    key: () =>
      new SigningKey({ databaseUrl: `file:${path}`, dataDir: folder, signingKey: undefined, origin: undefined }),
    actor: systemOperator(),
    replays: replaysOf,
    clock: systemClock,
    batch: 100,
    ...more,
  })

/** Checks a trail, in whichever database. */
export async function verifyAt(url: string, key: Verifier, now: number, checkpoint?: string): Promise<Verification> {
  const snapshot = await openSnapshot(url)
  try {
    return await verify(snapshot, { keys: [key], checkpoint, replays: replaysOf(), now: new Date(now) })
  } finally {
    await snapshot.close()
  }
}

/** Reads a trail, in whichever database. */
async function reading<T>(url: string, work: (trail: StoredTrail) => Promise<T>): Promise<T> {
  const snapshot = await openSnapshot(url)
  try {
    return await work(new StoredTrail(snapshot))
  } finally {
    await snapshot.close()
  }
}

/** The checkpoint that a trail ends with. */
export const headAt = (url: string): Promise<string | undefined> =>
  reading(url, async (trail) => (await trail.head())?.checkpoint)

/** What makes a trail the one that it is: the hash of every entry, and the root. `isMoved`: but for the last, that it was moved. */
export const trailAt = (url: string, isMoved = false): Promise<unknown> =>
  reading(url, async (trail) => {
    const entries = await trail.entries(-1, 100_000)
    if (isMoved) expect(entries.pop()).toMatchObject({ action: 'AUDIT_MOVED' })
    const size = (claimIn((await trail.head())?.checkpoint ?? '')?.size ?? 0) - (isMoved ? 1 : 0)
    return {
      root: (await rootAt(size, (place) => trail.tile(place))).toString('hex'),
      leaves: entries.map(({ seq, id, createdAt, storedLeaf }) => [seq, id, createdAt, storedLeaf.toString('hex')]),
    }
  })

export function isMarked(path: string): boolean {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare('SELECT 1 FROM audit_moves').get() !== undefined
  } finally {
    database.close()
  }
}
