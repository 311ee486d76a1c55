import type { Source } from '../../kernel/message.ts'
import type { AuditCategory } from './event-type.ts'
import type { Action, MetadataOf } from './event-types.ts'

/** Who acted. The role is kept as it was then. */
export interface Actor {
  /** The account they acted by (see `Account`), or `SYSTEM` or `GLOBAL` where no person acted. */
  readonly account: string
  readonly role: string
  readonly userId?: string | undefined
  readonly name?: string | undefined
  /** The operating system's user and host, where somebody typed in this person's place. */
  readonly operator?: string | undefined
  /** The host named the account and not all of the rest, which is looked up in the commit. */
  readonly lookUp?: true
}

/** Jobs and seeding act as this. */
export const SYSTEM: Actor = { account: 'SYSTEM', role: 'SYSTEM' }

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
  /** The person acted upon, by the id of their user where they are one. */
  readonly subjectId?: string | undefined
  /** The host says so: it happened in the host, and nothing of Chatwarden's own changed with it. */
  readonly reported?: boolean
}

/** The same event, as the host says it. Field by field: to spread it took as long as to check it. */
export const reportedEvent = ({ action, actor, place, metadata, subjectId }: AuditEvent): AuditEvent => ({
  action,
  actor,
  place,
  metadata,
  subjectId,
  reported: true,
})

/** An event of Chatwarden's own, its metadata checked by the compiler too. */
export function auditEvent<A extends Action>(
  action: A,
  actor: Actor,
  place: Place,
  metadata: MetadataOf<A>,
  subjectId?: string,
): AuditEvent {
  return { action, actor, place, metadata, subjectId }
}

/** An entry of the trail, as it is stored. */
export interface AuditEntry {
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
  /** The person who acted, by the id of their user; `null` where they were none. */
  readonly userId: string | null
  /** The account they acted by. */
  readonly account: string
  readonly actorName: string | null
  readonly userRole: string
  readonly resourceType: string | null
  /** Of a person (`user`) their account, as it was named. */
  readonly resourceId: string | null
  /** The person acted upon, by the id of their user; `null` where they were none. */
  readonly subjectId: string | null
  readonly channelId: string | null
  readonly requestId: string | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
  /** Canonical JSON text (RFC 8785). `operator` in it names who typed in the actor's place. */
  readonly metadata: string
}

/** The same as it is read. */
export interface AuditLog extends AuditEntry {
  /** The account, by the name that document 002 gives it. */
  readonly phoneNumber: string
}
