import { randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { expect, onTestFinished } from 'vitest'
import { systemOperator } from '../../src/app/operator.ts'
import { replaysOf } from '../../src/app/replays.ts'
import { unverifiedHead } from '../../src/audit/tree/checkpoint.ts'
import type { Verifier } from '../../src/audit/tree/note.ts'
import { rootAt } from '../../src/audit/tree/proofs.ts'
import { StoredTrail } from '../../src/audit/verify/stored-trail.repository.ts'
import { type Verification, verify } from '../../src/audit/verify/verify.ts'
import { SigningKey } from '../../src/audit/write/signing-key.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { MoveRequest } from '../../src/move/move.ts'
import { moveTrail } from '../../src/move/move-trail.ts'
import { openSnapshot, withSnapshot } from '../../src/storage/snapshot.ts'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { headAt } from './head.ts'
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

/** What makes a trail the one that it is, up to `size` entries: the hash of every entry, and the root. */
export async function trailAt(url: string, size?: number): Promise<unknown> {
  const { size: whole } = unverifiedHead(await headAt(url))
  return withSnapshot(url, async (snapshot) => {
    const trail = new StoredTrail(snapshot)
    const entries = (await trail.entries(-1, 100_000)).filter(({ seq }) => seq < (size ?? whole))
    return {
      root: (await rootAt(size ?? whole, (place) => trail.tile(place))).toString('hex'),
      leaves: entries.map(({ seq, id, createdAt, storedLeaf }) => [seq, id, createdAt, storedLeaf.toString('hex')]),
    }
  })
}

/** The same of a trail that was moved: without the last entry, which says so. */
export async function trailBeforeMove(url: string): Promise<unknown> {
  const { size, branches = [] } = unverifiedHead(await headAt(url))
  expect(branches.at(-1)?.index).toBe(size - 1)
  return trailAt(url, size - 1)
}

export function isMarked(path: string): boolean {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare('SELECT 1 FROM audit_moves').get() !== undefined
  } finally {
    database.close()
  }
}
