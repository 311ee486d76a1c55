import type { JsonObject } from './exact-json.ts'

/**
 * What each part of an entry is called: by ourselves, by the moderation runbook (document 000), by the JIT audit export
 * (document 004). The first that a line has counts, and another that says the same says no more; what is named nowhere here are details.
 */
export const NAMES = {
  time: ['createdAt', 'created_at', 'timestamp', 'event_time'],
  action: ['action', 'event_type'],
  id: ['id', 'event_id'],
  /** The JIT table's sort key: time and event in one. */
  sortKey: ['event_time#event_id', 'event_time_event_id'],
  category: ['category'],
  description: ['description'],
  account: ['account', 'phoneNumber', 'phone_number'],
  actorId: ['userId', 'user_id', 'actor_id', 'actor_mm_user_id'],
  email: ['actor_email'],
  name: ['actorName', 'actor_name', 'actor_username'],
  role: ['userRole', 'user_role', 'actor_role'],
  resourceType: ['resourceType', 'resource_type'],
  resourceId: ['resourceId', 'resource_id'],
  subjectId: ['subjectId', 'subject_id'],
  resourceAccount: ['account_id'],
  channelId: ['channelId', 'channel_id'],
  requestId: ['requestId', 'request_id'],
  ipAddress: ['ipAddress', 'ip_address'],
  userAgent: ['userAgent', 'user_agent'],
  via: ['source'],
  seq: ['seq'],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Part = keyof typeof NAMES
export type Parts = { readonly [K in Part]?: string }

/** Takes the parts out of a line by their names; what is neither text nor number stays among the rest. */
export function partsOf(line: JsonObject): { readonly parts: Parts; readonly rest: ReadonlyMap<string, unknown> } {
  const rest = new Map(Object.entries(line))
  const parts: { [K in Part]?: string } = {}
  for (const part of Object.keys(NAMES) as Part[])
    for (const name of NAMES[part]) {
      const value = rest.get(name)
      const isTaken = typeof value === 'string' || typeof value === 'number'
      const isNew = parts[part] === undefined || parts[part] === String(value)
      if (value === null || value === '' || (isTaken && isNew)) rest.delete(name)
      if (isTaken && value !== '') parts[part] ??= String(value)
    }
  return { parts, rest }
}
