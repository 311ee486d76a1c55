import { auditEvent } from '../audit/entry/entry.ts'
import type { Action, MetadataOf } from '../audit/entry/event-types.ts'

/**
 * Writes the entry that a chat writes for the same, after the answer: who looks at a database that takes nothing needs the answer
 * all the more, and is told that there is no entry.
 */
export async function record<A extends Action>(action: A, metadata: MetadataOf<A>): Promise<void> {
  try {
    const { withTrail } = await import('./open-trail.ts')
    await withTrail(({ writer, actor, place }) => writer.append(auditEvent(action, actor, place, metadata)))
  } catch (error) {
    process.stderr.write(`No entry of it could be written: ${(error as Error).message}\n`)
  }
}
