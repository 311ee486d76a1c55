import { randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { replaysOf } from '../../src/app/replays.ts'
import type { Verifier } from '../../src/audit/tree/note.ts'
import { type Verification, verify } from '../../src/audit/verify/verify.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { MoveRequest } from '../../src/move/move.ts'
import { moveTrail } from '../../src/move/move-trail.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { serverUrl } from './server-url.ts'
import { keyIn } from './tamper.ts'

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
    keys: () => [keyIn(folder)],
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

/** What makes a trail the one that it is: head, tree and the hash of every entry. */
export async function trailAt(url: string): Promise<unknown> {
  const snapshot = await openSnapshot(url)
  try {
    return {
      head: await snapshot.rows('SELECT * FROM audit_head'),
      tiles: await snapshot.rows('SELECT level, idx, hashes FROM audit_tiles ORDER BY level, idx'),
      leaves: await snapshot.rows('SELECT seq, id, created_at, leaf_hash FROM audit_logs ORDER BY seq'),
    }
  } finally {
    await snapshot.close()
  }
}

export function isMarked(path: string): boolean {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare('SELECT 1 FROM audit_moves').get() !== undefined
  } finally {
    database.close()
  }
}
