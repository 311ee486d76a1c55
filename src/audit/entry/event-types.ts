import { z } from 'zod'
import { isAccount } from '../../kernel/account.ts'
import { CLOCK_EVENT_TYPES } from './clock-event-types.ts'
import {
  aboutFiltered,
  because,
  count,
  defineEvent,
  type EventType,
  filters,
  line,
  person,
  value,
} from './event-type.ts'
import { EXPORT_EVENT_TYPES } from './export-event-types.ts'
import { TRAIL_EVENT_TYPES } from './trail-event-types.ts'

/** Every event of Chatwarden's own, by its action. */
export const EVENT_TYPES = {
  ROLE_CHANGE: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({
      targetUser: line,
      oldRole: line,
      newRole: line,
      reason: line.optional(),
      requestedBy: line.optional(),
    }),
    shownToSubject: ['targetUser', 'oldRole', 'newRole'],
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
    shownToSubject: ['targetPhoneNumber'],
    describe: (m) => `Added ${m.targetPhoneNumber} to the whitelist`,
    resource: (m) => person(m.targetPhoneNumber),
  }),
  WHITELIST_REMOVE: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetPhoneNumber: line }),
    shownToSubject: ['targetPhoneNumber'],
    describe: (m) => `Removed ${m.targetPhoneNumber} from the whitelist`,
    resource: (m) => person(m.targetPhoneNumber),
  }),
  ROLE_SEEDED: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, role: line }),
    shownToSubject: ['targetUser', 'role'],
    describe: (m) => `${m.targetUser} is ${m.role} by the configuration too`,
    resource: (m) => person(m.targetUser),
  }),
  OWNER_PROBATION_ENDED: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({
      targetUser: line,
      /** The number of the entry that made them OWNER. */
      since: count,
    }),
    shownToSubject: ['targetUser', 'since'],
    describe: (m) => `${m.targetUser} has been OWNER for a day, and may confirm what others ask for`,
    resource: (m) => person(m.targetUser),
  }),
  USER_BLOCK: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({
      targetUser: line,
      until: z.iso.datetime().optional(),
      reason: line.optional(),
      requestedBy: line.optional(),
    }),
    shownToSubject: ['targetUser', 'until'],
    describe: (m) => `Blocked ${m.targetUser}${m.until === undefined ? '' : ` until ${m.until}`}${because(m.reason)}`,
    resource: (m) => person(m.targetUser),
  }),
  USER_UNBLOCK: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, requestedBy: line.optional() }),
    shownToSubject: ['targetUser'],
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
    shownToSubject: ['targetUser', 'account'],
    describe: (m) => `First seen account of ${m.targetUser}: from now on only this one may act as it`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_CONFIRMED: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, account: line, requestedBy: line.optional() }),
    shownToSubject: ['targetUser', 'account'],
    describe: (m) => `Confirmed that another account is ${m.targetUser}`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_FORGOTTEN: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, account: line }),
    shownToSubject: ['targetUser', 'account'],
    describe: (m) => `Forgot an account of ${m.targetUser}`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_LEFT: defineEvent({
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, account: line }),
    shownToSubject: ['targetUser', 'account'],
    describe: (m) =>
      `The account of ${m.targetUser} has another number now: whoever has this one next is not the first`,
    resource: (m) => person(m.targetUser),
  }),
  IDENTITY_CHANGED: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ targetUser: line, account: line }),
    shownToSubject: ['targetUser', 'account'],
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
      /** SHA-256 in hex of how it is kept in the database, with what counts until then: of a secret what it was encrypted to. */
      row: line.optional(),
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
    // What it is for may be done because of it, and stays as long. It does not name who is to be erased.
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({
      command: line,
      subject: line,
      /** Until when it can be confirmed. */
      until: z.iso.datetime(),
      /** What each code is for, and whose it is, as a hash: what is carried out is what was asked for. */
      seals: z.array(line),
    }),
    ownersOnly: true,
    describe: (m) => `Asked for a confirmation: ${m.command} ${legible(m.subject)}`,
    resource: (m) => (isAccount(m.subject) ? person(m.subject) : undefined),
  }),
  CONFIRMATION_GIVEN: defineEvent({
    // As the act after it, which was done because of it.
    category: 'AUTH',
    failure: 'closed',
    metadata: z.strictObject({
      /** The number of the entry by which it was asked for. */
      request: count,
      command: line,
      subject: line,
      requestedBy: line,
      /** The hash of the code that was sent, one of those of the request. */
      seal: line,
    }),
    ownersOnly: true,
    describe: (m) => `Confirmed, as ${m.requestedBy} had asked: ${m.command} ${legible(m.subject)}`,
    resource: (m) => ({ type: 'request', id: String(m.request) }),
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
  USERS_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({
      view: z.enum(['list', 'info', 'status', 'whitelist', 'why']),
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
  ...CLOCK_EVENT_TYPES,
  ...TRAIL_EVENT_TYPES,
  ...EXPORT_EVENT_TYPES,
} as const

/** What stands for whom an erasure is about means nothing to people. */
const legible = (subject: string): string => (/^[0-9a-f]{64}$/.test(subject) ? 'of one person' : subject)

/** What only Chatwarden itself may say: the database lets entries go because of some of these. */
export const isReserved = (action: string): boolean => RESERVED.includes(action)

const RESERVED = [
  'AUDIT_ARCHIVED',
  'AUDIT_ARCHIVE_REMOVED',
  'AUDIT_ARCHIVE_REWRITTEN',
  'AUDIT_ARCHIVE_UPLOADED',
  'AUDIT_ARCHIVES_SEARCHED',
  'AUDIT_BACKUP_MADE',
  'AUDIT_BACKUP_RESTORED',
  'AUDIT_CHECKPOINT_SENT',
  'AUDIT_ERASURE',
  'AUDIT_GAP',
  'AUDIT_HOLD_ADD',
  'AUDIT_HOLD_REMOVE',
  'AUDIT_HOLDS_OBEYED',
  'AUDIT_IMPORTED',
  'AUDIT_KEY_ROTATED',
  'AUDIT_MOVED',
  'AUDIT_RELEASED',
  'AUDIT_RESTORED',
  'AUDIT_RETENTION',
  'AUDIT_VERIFIED',
  'AUDIT_WITNESS_ADD',
  'AUDIT_WITNESS_REMOVE',
  'CLOCK_DOUBTED',
  'CLOCK_JUMP',
  'CLOCK_TRUSTED',
  'CONFIRMATION_GIVEN',
  'CONFIRMATION_REQUESTED',
  'OWNER_PROBATION_ENDED',
  'ROLE_SEEDED',
]

/** Those of Chatwarden's own that nobody causes without a right to: written together with what they say, or it is not done. */
export const PRIVILEGED: ReadonlySet<string> = new Set(
  Object.entries(EVENT_TYPES).flatMap(([action, { failure }]) => (failure === 'closed' ? action : [])),
)

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
