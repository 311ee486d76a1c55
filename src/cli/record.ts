import { auditEvent } from '../audit/entry/entry.ts'
import type { Action, MetadataOf } from '../audit/entry/event-types.ts'
import { readConfig } from '../config.ts'
import { schemaDeviations } from '../storage/schema/schema.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { complain } from './print.ts'

/**
 * Writes the entry that a chat writes for the same, after the answer: who looks at a database that takes nothing needs the answer
 * all the more, and is told that there is no entry.
 */
export async function record<A extends Action>(action: A, metadata: MetadataOf<A>): Promise<void> {
  try {
    const { refused, missing } = await withSnapshot(readConfig().databaseUrl, schemaDeviations)
    // Evidence stays as it is found; to open it would put back what is missing, and make what is not there.
    if (refused.length + missing.length > 0)
      throw new Error('the database is not as this version makes it (chatwarden verify)')
    const { withTrail } = await import('./open-trail.ts')
    await withTrail(({ writer, actor, place }) => writer.append(auditEvent(action, actor, place, metadata)))
  } catch (error) {
    complain(`No entry of it could be written: ${(error as Error).message}`)
  }
}
