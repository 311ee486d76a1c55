import { isPlatform } from '../../kernel/account.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { excessOf } from '../../kernel/json.ts'
import { CLOCK_TIME } from '../../kernel/own-time.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import { canonicalJson } from './canonical.ts'
import type { AuditEntry, AuditEvent } from './entry.ts'
import { type EventTypes, PRIVILEGED } from './event-types.ts'
import { REPORTED } from './standing.ts'

/**
 * An entry that has all but its place in the trail: the writer gives it `seq`, a later `createdAt` if need be (by much, then
 * with `clockTime` in the metadata), and where they are to be looked up, the persons whose accounts it names.
 */
export type Draft = AuditEntry & {
  seq: number
  createdAt: Date
  userId: string | null
  userRole: string
  subjectId: string | null
  metadata: string
  lookUp?: readonly ('actor' | 'subject')[]
}

export const MAX_ENTRY_BYTES = 65_535

/**
 * Checks an event against its type and makes it an entry-to-be. All costly work is here, before the lock.
 * @throws {ChatwardenError} `INVALID_EVENT` for an unknown action, metadata outside its schema, or more than
 * 65,535 bytes or 100 levels.
 */
export function draft(event: AuditEvent, types: EventTypes, now: number): Draft {
  const type = Object.hasOwn(types, event.action) ? types[event.action] : undefined
  if (type === undefined) throw new ChatwardenError('INVALID_EVENT', `Unknown action ${JSON.stringify(event.action)}.`)
  // A schema that goes deeper by itself would have no end of it.
  const excess = excessIn(event)
  if (excess !== undefined) throw new ChatwardenError('INVALID_EVENT', `${event.action}: ${excess}.`)
  const parsed = type.metadata.safeParse(event.metadata)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ChatwardenError(
      'INVALID_EVENT',
      `${event.action}: ${issue?.path.join('.') || 'metadata'}: ${issue?.message}`,
    )
  }
  const { actor } = event
  // A host says so in its own name, whatever it says.
  const place = event.reported && PRIVILEGED.has(event.action) ? { ...event.place, ...REPORTED } : event.place
  if (!isPlatform(place.source))
    throw new ChatwardenError('INVALID_EVENT', `source: ${JSON.stringify(place.source)} is no word such as telegram.`)
  const resource = type.resource?.(parsed.data)
  const { operator } = actor
  const metadata = canonicalJson(
    operator === undefined ? parsed.data : { ...parsed.data, operator: plainLine(operator, 200) },
  )
  // As a key: in a text its quotes are escaped.
  if (metadata.includes(`"${CLOCK_TIME}":`))
    throw new ChatwardenError('INVALID_EVENT', `${event.action}: ${CLOCK_TIME} is a field of the trail's own.`)
  if (Buffer.byteLength(metadata) > MAX_ENTRY_BYTES - 5_000)
    throw new ChatwardenError('INVALID_EVENT', `${event.action}: more than ${MAX_ENTRY_BYTES} bytes.`)
  const lookUp: Draft['lookUp'] = [
    ...(actor.lookUp ? (['actor'] as const) : []),
    ...(event.reported && resource?.type === 'user' && !event.subjectId ? (['subject'] as const) : []),
  ]
  return {
    seq: -1,
    id: newId(),
    createdAt: new Date(now),
    source: place.source,
    category: type.category,
    action: event.action,
    description: plainLine(type.describe(parsed.data), 500),
    userId: short(actor.userId),
    account: plainLine(actor.account, 200),
    actorName: short(actor.name),
    userRole: plainLine(actor.role, 20),
    resourceType: short(resource?.type),
    resourceId: short(resource?.id),
    subjectId: short(event.subjectId),
    channelId: short(place.channelId),
    requestId: short(place.requestId),
    ipAddress: short(place.ipAddress),
    userAgent: short(place.userAgent),
    metadata,
    ...(lookUp.length > 0 && { lookUp }),
  }
}

/** A host's object may do anything when it is looked at. */
function excessIn({ action, metadata }: AuditEvent): string | undefined {
  try {
    return excessOf(metadata)
  } catch (cause) {
    throw new ChatwardenError('INVALID_EVENT', `${action}: the metadata cannot be read.`, { cause })
  }
}

export const short = (text: string | undefined): string | null => (text ? plainLine(text, 200) : null)
