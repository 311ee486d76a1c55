import { newId } from '../../kernel/ids.ts'
import { excessOf } from '../../kernel/json.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import { canonicalJson } from '../entry/canonical.ts'
import { type Draft, MAX_ENTRY_BYTES, short } from '../entry/draft.ts'
import { AuditCategory } from '../entry/event-type.ts'
import { EVENT_TYPES, type EventTypes, isReserved } from '../entry/event-types.ts'
import { IMPORTED, importedAs } from '../entry/standing.ts'
import { seenByOwnersOnly } from '../entry/visibility.ts'
import { BadLine, type SourceEntry } from './source-entry.ts'

const ACTION = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/
const MAX_ACTION = 64
const OWNERS_ONLY = seenByOwnersOnly(EVENT_TYPES)

/**
 * An entry of another log as one of this trail: as its words have it, and when and where it happened in its metadata.
 * It says nothing of what is here, as its source is `import`.
 * @throws {BadLine} for more than 65,535 bytes, or 100 levels.
 */
export function importedDraft(entry: SourceEntry, from: string, now: number): Draft {
  const action = importedAction(entry.action)
  const { resource } = entry
  // A text in a line may hold JSON of its own.
  const excess = excessOf(entry.details)
  if (excess !== undefined) throw new BadLine(`it has ${excess}`)
  const fields = {
    source: IMPORTED,
    category: categoryOf(entry),
    action,
    description: plainLine(
      entry.description ?? [entry.action, resource.type, resource.id].filter(Boolean).join(' '),
      500,
    ),
    userId: short(entry.userId),
    account: plainLine(entry.account, 200),
    actorName: short(entry.actorName),
    userRole: plainLine(entry.role ?? 'UNKNOWN', 20),
    resourceType: short(resource.type),
    resourceId: short(resource.id),
    subjectId: short(entry.subjectId),
    channelId: short(entry.channelId),
    requestId: short(entry.requestId),
    ipAddress: short(entry.ipAddress),
    userAgent: short(entry.userAgent),
    metadata: canonicalJson({
      source: from,
      sourceId: short(entry.id) ?? undefined,
      sourceTime: entry.time,
      sourceSeq: entry.seq,
      sourceVia: short(entry.via) ?? undefined,
      sourceAction: action === entry.action ? undefined : plainLine(entry.action, 200),
      details: entry.details,
    }),
  } as const
  const bytes = Object.values(fields).reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0)
  if (bytes > MAX_ENTRY_BYTES) throw new BadLine(`it is larger than ${MAX_ENTRY_BYTES} bytes`)
  return { seq: -1, id: newId(), createdAt: new Date(now), ...fields }
}

/** As people read it: whatever letters, marks and signs it is written with, and however often it was imported before. */
const nameOf = (action: string): string =>
  action
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .replace(/^(?:IMPORTED_)+/, '')

/** What only Chatwarden itself may say keeps its name with what tells it apart, and so does what is no name of an action. */
function importedAction(action: string): string {
  const own = nameOf(action)
  if (isReserved(own) || OWNERS_ONLY.includes(own)) return importedAs(own)
  return ACTION.test(action) ? action : importedAs(action.replace(/[^A-Za-z0-9_.:-]+/g, '_')).slice(0, MAX_ACTION)
}

function categoryOf({ category = '', action }: SourceEntry): AuditCategory {
  const given = category.toUpperCase()
  if (Object.hasOwn(AuditCategory, given)) return given as AuditCategory
  const types: EventTypes = EVENT_TYPES
  return Object.hasOwn(types, action) ? (types[action]?.category ?? 'ADMIN') : 'ADMIN'
}
