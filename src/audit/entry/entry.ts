import type { Source } from '../../kernel/message.ts'
import type { AuditCategory } from './event-type.ts'
import type { Action, MetadataOf } from './event-types.ts'

/** Who acted. The role is kept as it was then. */
export interface Actor {
  /** E.164, or `SYSTEM` or `GLOBAL` where no person acted. */
  readonly phoneNumber: string
  readonly role: string
  readonly userId?: string | undefined
  readonly name?: string | undefined
  /** The operating system's user and host, where somebody typed in this person's place. */
  readonly operator?: string | undefined
}

/** Jobs and seeding act as this. */
export const SYSTEM: Actor = { phoneNumber: 'SYSTEM', role: 'SYSTEM' }

/** Where it happened. */
export interface Place {
  readonly source: Source
  readonly channelId?: string | undefined
  readonly requestId?: string | undefined
  readonly ipAddress?: string | undefined
  readonly userAgent?: string | undefined
}

export const SYSTEM_PLACE: Place = { source: 'system' }

/** Something that happened, before it is an entry. */
export interface AuditEvent<A extends string = string, M = Readonly<Record<string, unknown>>> {
  readonly action: A
  readonly actor: Actor
  readonly place: Place
  readonly metadata: M
  /** The host says so: it happened in the host, and nothing of Chatwarden's own changed with it. */
  readonly reported?: boolean
}

/** The same event, as the host says it. Field by field: to spread it took as long as to check it. */
export const reportedEvent = ({ action, actor, place, metadata }: AuditEvent): AuditEvent => ({
  action,
  actor,
  place,
  metadata,
  reported: true,
})

/** An event of Chatwarden's own, its metadata checked by the compiler too. */
export function auditEvent<A extends Action>(
  action: A,
  actor: Actor,
  place: Place,
  metadata: MetadataOf<A>,
): AuditEvent {
  return { action, actor, place, metadata }
}

/** An entry of the trail, as it is stored. */
export interface AuditLog {
  /** Its place in the trail: 0, 1, 2 … without a gap. */
  readonly seq: number
  /** UUIDv7. */
  readonly id: string
  /** Never earlier than that of the entry before. */
  readonly createdAt: Date
  readonly source: Source
  readonly category: AuditCategory
  readonly action: string
  readonly description: string
  readonly userId: string | null
  readonly phoneNumber: string
  readonly actorName: string | null
  readonly userRole: string
  readonly resourceType: string | null
  readonly resourceId: string | null
  readonly channelId: string | null
  readonly requestId: string | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
  /** Canonical JSON text (RFC 8785). `operator` in it names who typed in the actor's place. */
  readonly metadata: string
}
