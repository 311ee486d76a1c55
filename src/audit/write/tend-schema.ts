import type { Database } from '../../storage/contract.ts'
import type { ForeignObject } from '../../storage/schema/deviations.ts'
import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from './audit-writer.ts'
import { knownDigests, putBackTrigger } from './schema.repository.ts'

/** So many are named in an entry, and so many are known again. */
const MOST = { named: 50, known: 1000 }

/**
 * Puts back our own triggers that do not work, and writes what else there is in the database, once.
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
    const { added, metadata } = compare(foreign, foreign.length === 0 ? new Set() : await knownDigests(tx.db))
    if (added.length > 0) await tx.append(auditEvent('DATABASE_OBJECTS_FOUND', actor, place, metadata))
    return added
  })
}

/** What is new stands first: of many it is what matters. */
function compare(foreign: readonly ForeignObject[], known: ReadonlySet<unknown>) {
  const kept = [...foreign].sort((a, b) => (a.digest < b.digest ? -1 : 1)).slice(0, MOST.known)
  const added = kept.filter(({ digest }) => !known.has(digest))
  const ordered = [...added, ...kept.filter(({ digest }) => known.has(digest))]
  const objects = ordered.slice(0, MOST.named).map(({ what }) => what)
  return {
    added: added.map(({ what }) => what),
    metadata: { objects, count: foreign.length, digests: kept.map(({ digest }) => digest) },
  }
}
