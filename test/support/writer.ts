import { dirname } from 'node:path'
import { onTestFinished } from 'vitest'
import { type AuditEvent, auditEvent } from '../../src/audit/entry/entry.ts'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { StoredEntries } from '../../src/audit/read/stored-entries.repository.ts'
import { AuditWriter } from '../../src/audit/write/audit-writer.ts'
import type { ClockWatch } from '../../src/audit/write/clock-watch.ts'
import { SigningKey } from '../../src/audit/write/signing-key.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { OWNER, type TestWarden } from './chatwarden.ts'
import { urlOf } from './database.ts'

/** The key that was made beside that database. */
export function keyOf(path: string): SigningKey {
  const config = { databaseUrl: urlOf(path), dataDir: dirname(path), signingKey: undefined, origin: undefined }
  return new SigningKey(config)
}

/**
 * A writer of its own beside that of an open Chatwarden, as another process would have it, a command line or with a watch on
 * its clock a bot; it counts its commits.
 */
export async function openWriter(
  { path, url }: Pick<TestWarden, 'path' | 'url'>,
  clock: Clock,
  clockWatch?: ClockWatch,
) {
  const database = await openDatabase(url)
  const counts = { commits: 0 }
  const writer = new AuditWriter(
    {
      ...database,
      transaction: (work) => {
        counts.commits++
        return database.transaction(work)
      },
      ...(database.append && {
        append: (work) => {
          counts.commits++
          return (database.append as NonNullable<typeof database.append>)(work)
        },
      }),
    },
    EVENT_TYPES,
    clock,
    keyOf(path),
    { clockWatch },
  )
  onTestFinished(async () => {
    await writer.flush()
    await database.close()
  })
  return { writer, counts, logs: new StoredEntries(database.reader), reader: database.reader }
}

/** An event that is told from others by its number. */
export const numbered = (n: number): AuditEvent =>
  auditEvent(
    'CIRCUIT_BREAKER_OPEN',
    { account: OWNER, role: 'OWNER' },
    { source: 'api' },
    {
      service: 'test',
      failureCount: n,
    },
  )
