import type { Database } from '../../storage/contract.ts'
import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from './audit-writer.ts'
import { lastFound, putBackTrigger } from './schema.repository.ts'

/** So many are named in one entry; who has more than these has the rest in `chatwarden verify`. */
const MOST = 100

/**
 * Puts back our own triggers that do not work, and writes what else there is in the database, once for each set of it.
 * @returns what of that is new, each in a few words.
 */
export async function tendSchema(
  { deviations: { missing, foreign } }: Pick<Database, 'deviations'>,
  writer: AuditWriter,
  actor: Actor = SYSTEM,
  place: Place = SYSTEM_PLACE,
): Promise<readonly string[]> {
  if (missing.length === 0 && foreign.length === 0) return []
  return writer.transaction(async (tx) => {
    const triggers: string[] = []
    for (const trigger of missing) if (await putBackTrigger(tx.db, trigger)) triggers.push(trigger.what)
    if (triggers.length > 0) await tx.append(auditEvent('DATABASE_TRIGGERS_RESTORED', actor, place, { triggers }))
    if (foreign.length === 0) return []
    const known = objectsIn(await lastFound(tx.db))
    const added = foreign.filter((object) => !known.has(object))
    if (added.length > 0)
      await tx.append(auditEvent('DATABASE_OBJECTS_FOUND', actor, place, { objects: foreign.slice(0, MOST) }))
    return added
  })
}

function objectsIn(metadata: string | undefined): ReadonlySet<unknown> {
  const { objects } = JSON.parse(metadata ?? '{}') as { objects?: unknown }
  return new Set(Array.isArray(objects) ? objects : [])
}
