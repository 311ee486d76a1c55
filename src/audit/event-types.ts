import { z } from 'zod'
import { isPhone } from '../kernel/phone.ts'
import { plainLine } from '../kernel/plain-text.ts'

/** Document 002: every entry belongs to one of four categories. */
export const AuditCategory = { AUTH: 'AUTH', CONFIG: 'CONFIG', ADMIN: 'ADMIN', SECURITY: 'SECURITY' } as const
export type AuditCategory = (typeof AuditCategory)[keyof typeof AuditCategory]

/** What an entry acts upon. A person is always `user` and their E.164 number. */
export interface Resource {
  readonly type: string
  readonly id: string
}

/**
 * One kind of event. `metadata` is the allow-list of what it may hold: what the schema does not name never
 * enters the trail. `failure` says what happens when the entry cannot be written: `closed` means the action
 * does not happen either; `open` means it goes on: the event waits in files and is written later, with `observedAt`
 * in its metadata, or, where not even that is possible, is counted and shows up as an `AUDIT_GAP`.
 */
export interface EventType<Metadata extends z.ZodObject = z.ZodObject> {
  readonly category: AuditCategory
  readonly failure: 'closed' | 'open'
  readonly metadata: Metadata
  describe(metadata: z.output<Metadata>): string
  resource?(metadata: z.output<Metadata>): Resource | undefined
}

/** Declares a kind of event of the host's own; register it with `openChatwarden({ events })`. */
export const defineEvent = <Metadata extends z.ZodObject>(type: EventType<Metadata>): EventType<Metadata> => type

const line = z.string().transform((text) => plainLine(text, 200))
const count = z.int().min(0)
const value = z.union([line, z.number(), z.boolean(), z.null()])
const filters = z.record(line, value)
const because = (reason: string | undefined): string => (reason === undefined ? '' : ` (${reason})`)
const person = (phone: string): Resource => ({ type: 'user', id: phone })
const aboutFiltered = (filters: Readonly<Record<string, unknown>> = {}): Resource | undefined =>
  typeof filters.phoneNumber === 'string' ? person(filters.phoneNumber) : undefined
const heldResource = (subject: string): Resource =>
  isPhone(subject) ? person(subject) : { type: 'trail', id: subject }

/** Every event of Chatwarden's own, by its action. */
export const EVENT_TYPES = {
  ROLE_CHANGE: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, oldRole: line, newRole: line, reason: line.optional() }),
    describe: (m) =>
      m.oldRole === 'NONE'
        ? `Added ${m.targetUser} as ${m.newRole}`
        : `Changed role of ${m.targetUser} from ${m.oldRole} to ${m.newRole}`,
    resource: (m) => person(m.targetUser),
  }),
  WHITELIST_ADD: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetPhoneNumber: line }),
    describe: (m) => `Added ${m.targetPhoneNumber} to the whitelist`,
    resource: (m) => person(m.targetPhoneNumber),
  }),
  WHITELIST_REMOVE: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetPhoneNumber: line }),
    describe: (m) => `Removed ${m.targetPhoneNumber} from the whitelist`,
    resource: (m) => person(m.targetPhoneNumber),
  }),
  USER_BLOCK: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, until: z.iso.datetime().optional(), reason: line.optional() }),
    describe: (m) => `Blocked ${m.targetUser}${m.until === undefined ? '' : ` until ${m.until}`}${because(m.reason)}`,
    resource: (m) => person(m.targetUser),
  }),
  USER_UNBLOCK: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line }),
    describe: (m) => `Unblocked ${m.targetUser}`,
    resource: (m) => person(m.targetUser),
  }),
  PERMISSION_DENIED: defineEvent({
    category: 'AUTH',
    failure: 'open',
    metadata: z.strictObject({
      attemptedAction: line,
      reason: line.optional(),
      targetUser: line.optional(),
      /** How many denials this entry stands for, where it stands for more than one. */
      count: count.optional(),
    }),
    describe: (m) =>
      m.count === undefined ? `Denied: ${m.attemptedAction}${because(m.reason)}` : `Denied ${m.count} more times`,
    resource: (m) => (m.targetUser === undefined ? undefined : person(m.targetUser)),
  }),
  IDENTITY_PINNED: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, account: line }),
    describe: (m) => `First seen account of ${m.targetUser}: from now on only this one may act as it`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_CONFIRMED: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, account: line }),
    describe: (m) => `Confirmed that another account is ${m.targetUser}`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_CHANGED: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ targetUser: line, account: line }),
    describe: (m) => `Denied: another account than before appeared as ${m.targetUser}`,
    resource: (m) => person(m.targetUser),
  }),
  CONFIG_UPDATE: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      setting: line,
      oldValue: value,
      newValue: value,
      /** When it begins to count, where that is not at once. */
      effectiveAt: z.iso.datetime().optional(),
      /** It is back to what it is without being set. */
      isDefault: z.literal(true).optional(),
      /** Who asked for it, where somebody else confirmed it. */
      requestedBy: line.optional(),
    }),
    describe: (m) =>
      `Changed ${m.setting} from ${m.oldValue} to ${m.newValue}${m.effectiveAt === undefined ? '' : ` as of ${m.effectiveAt}`}`,
    resource: (m) => ({ type: 'setting', id: m.setting }),
  }),
  CONFIG_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ setting: line.optional() }),
    describe: (m) => (m.setting === undefined ? 'Viewed settings' : `Viewed the setting ${m.setting}`),
  }),
  CONFIRMATION_REQUESTED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ command: line, subject: line }),
    describe: (m) => `Asked for a confirmation: ${m.command} ${m.subject}`,
    resource: (m) => (isPhone(m.subject) ? person(m.subject) : undefined),
  }),
  USAGE_QUERY: defineEvent({
    category: 'ADMIN',
    failure: 'open',
    metadata: z.strictObject({ queryType: line, filters: filters.optional() }),
    describe: (m) => `Viewed usage: ${m.queryType}`,
    resource: (m) => aboutFiltered(m.filters),
  }),
  AUDIT_LOG_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ filters }),
    describe: (m) => `Viewed audit logs${inWords(m.filters)}`,
    resource: (m) => aboutFiltered(m.filters),
  }),
  AUDIT_LOG_EXPORTED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ format: line, recordCount: count, filters: filters.optional() }),
    describe: (m) => `Exported ${m.recordCount} audit logs as ${m.format.toUpperCase()}`,
    resource: (m) => aboutFiltered(m.filters),
  }),
  USERS_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({
      view: z.enum(['list', 'info', 'status', 'whitelist', 'why', 'holds']),
      targetUser: line.optional(),
      filters: filters.optional(),
    }),
    describe: (m) => (m.targetUser === undefined ? 'Viewed users and roles' : `Viewed user ${m.targetUser}`),
    resource: (m) => (m.targetUser === undefined ? undefined : person(m.targetUser)),
  }),
  COST_THRESHOLD_BREACH: defineEvent({
    category: 'ADMIN',
    failure: 'open',
    metadata: z.strictObject({ threshold: z.number(), actual: z.number(), period: line }),
    describe: (m) => `Cost ${m.actual} went over the threshold ${m.threshold} (${m.period})`,
  }),
  CONVERSATION_RESET: defineEvent({
    category: 'ADMIN',
    failure: 'open',
    metadata: z.strictObject({}),
    describe: () => 'Reset the conversation history',
  }),
  RATE_LIMIT_VIOLATION: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({
      limitType: z.enum(['user', 'global']),
      limit: z.number().optional(),
      consumed: z.number().optional(),
    }),
    describe: (m) => `Went over the ${m.limitType} rate limit${m.limit === undefined ? '' : ` of ${m.limit}`}`,
  }),
  MODERATION_FLAG: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ flaggedCategories: z.array(line).max(50) }),
    describe: (m) => `Content flagged: ${m.flaggedCategories.join(', ')}`,
  }),
  ACCESS_BLOCKED: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ reason: line.optional() }),
    describe: (m) => `Turned away${because(m.reason)}`,
  }),
  CIRCUIT_BREAKER_OPEN: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ service: line, failureCount: count.optional() }),
    describe: (m) => `Circuit breaker for ${m.service} opened`,
    resource: (m) => ({ type: 'service', id: m.service }),
  }),
  CIRCUIT_BREAKER_CLOSED: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ service: line, failureCount: count.optional() }),
    describe: (m) => `Circuit breaker for ${m.service} closed`,
    resource: (m) => ({ type: 'service', id: m.service }),
  }),
  AUDIT_VERIFIED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ size: count, findings: count, checkpointSize: count.optional() }),
    describe: (m) =>
      m.findings === 0
        ? `Verified ${m.size} entries: consistent`
        : `Verified ${m.size} entries: ${m.findings} findings`,
  }),
  AUDIT_PROOF_GIVEN: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ entryId: line, entrySeq: count }),
    describe: (m) => `Took a proof of entry ${m.entrySeq}`,
  }),
  AUDIT_KEY_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({}),
    describe: () => 'Viewed the public key of the trail',
  }),
  AUDIT_CHECKPOINT_SENT: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ size: count, recipients: count }),
    describe: (m) => `Sent the checkpoint of ${m.size} entries to ${m.recipients}`,
  }),
  AUDIT_WITNESS_ADD: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line }),
    describe: (m) => `${m.targetUser} receives the checkpoint each day`,
    resource: (m) => person(m.targetUser),
  }),
  AUDIT_WITNESS_REMOVE: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line }),
    describe: (m) => `${m.targetUser} no longer receives the checkpoint`,
    resource: (m) => person(m.targetUser),
  }),
  AUDIT_HOLD_ADD: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ subject: line, reason: line.optional() }),
    describe: (m) => `Legal hold on ${m.subject}${because(m.reason)}`,
    resource: (m) => heldResource(m.subject),
  }),
  AUDIT_HOLD_REMOVE: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ subject: line, requestedBy: line.optional() }),
    describe: (m) => `Removed the legal hold on ${m.subject}`,
    resource: (m) => heldResource(m.subject),
  }),
  AUDIT_KEY_ROTATED: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      /** Verifier keys (C2SP signed-note). */
      oldKey: line,
      newKey: line,
      /** A note in which the old key names the new one; missing where the old key was lost. */
      statement: z.string().max(1000).optional(),
    }),
    describe: (m) =>
      m.statement === undefined
        ? 'Replaced the key of the trail, which was lost'
        : 'Handed over to a new key of the trail',
    resource: (m) => ({ type: 'key', id: m.newKey }),
  }),
  AUDIT_RETENTION: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({
      retentionDays: count,
      cutoff: z.iso.datetime(),
      /** First and last seq of each run of entries removed by retention, now or before. The database's triggers read it. */
      ranges: z.array(z.tuple([count, count])),
      deletedCount: count,
    }),
    describe: (m) => `Removed ${m.deletedCount} audit logs older than ${m.retentionDays} days`,
  }),
  AUDIT_ERASURE: defineEvent({
    // Like who may do what, what was erased stays known: erasing somebody must not take back what they erased.
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      /** HMAC-SHA256 of the number, in hex. */
      subjectHash: line,
      /** First and last seq of each run of entries erased. The database's triggers read it. */
      ranges: z.array(z.tuple([count, count])),
      erasedCount: count,
      reason: line.optional(),
      /** Who asked for it, where somebody else confirmed it. */
      requestedBy: line.optional(),
    }),
    describe: (m) => `Erased ${m.erasedCount} audit logs of one person`,
  }),
  CLOCK_JUMP: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ behindMs: count }),
    describe: (m) => `The clock is ${Math.round(m.behindMs / 60_000)} minutes behind the last entry`,
  }),
  AUDIT_GAP: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ lostCount: count, firstLostAt: z.iso.datetime(), lastLostAt: z.iso.datetime() }),
    describe: (m) => `${m.lostCount} events could not be written`,
  }),
} as const

/** What only Chatwarden itself may say: the database lets entries go because of some of these. */
export const isReserved = (action: string): boolean => RESERVED.includes(action)

const RESERVED = [
  'AUDIT_CHECKPOINT_SENT',
  'AUDIT_ERASURE',
  'AUDIT_GAP',
  'AUDIT_HOLD_ADD',
  'AUDIT_HOLD_REMOVE',
  'AUDIT_KEY_ROTATED',
  'AUDIT_RETENTION',
  'AUDIT_VERIFIED',
  'AUDIT_WITNESS_ADD',
  'AUDIT_WITNESS_REMOVE',
  'CLOCK_JUMP',
]

export type Action = keyof typeof EVENT_TYPES
export type MetadataOf<A extends Action> = z.input<(typeof EVENT_TYPES)[A]['metadata']>

export type EventTypes = Readonly<Record<string, EventType>>

function inWords(filters: Readonly<Record<string, unknown>>): string {
  const { days, phoneNumber, category, mine, ...others } = filters
  const parts = [
    ...(days === undefined ? [] : [`last ${days} days`]),
    ...(phoneNumber === undefined ? [] : [`of ${phoneNumber}`]),
    ...(category === undefined ? [] : [`category ${category}`]),
    ...(mine === true ? ['about themself'] : []),
    ...Object.entries(others).map(([name, value]) => (name === 'beforeSeq' ? 'a further page' : `${name} ${value}`)),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
