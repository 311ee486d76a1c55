import { z } from 'zod'
import { isPlatform } from '../../kernel/account.ts'
import { objectIn } from '../../kernel/json.ts'
import { canonicalJson } from '../entry/canonical.ts'
import { type Draft, MAX_ENTRY_BYTES } from '../entry/draft.ts'
import { AuditCategory } from '../entry/event-type.ts'
import { isReserved, PRIVILEGED } from '../entry/event-types.ts'
import { REPORTED } from '../entry/standing.ts'

/** A draft in the spool, as one line of JSON. */
const LINE = z.object({
  v: z.literal(1),
  id: z.uuid(),
  createdAt: z.iso.datetime().transform((text) => new Date(text)),
  source: z.string().refine(isPlatform),
  category: z.enum(AuditCategory),
  action: z.string(),
  description: z.string(),
  userId: z.string().nullable(),
  account: z.string(),
  actorName: z.string().nullable(),
  userRole: z.string(),
  resourceType: z.string().nullable(),
  resourceId: z.string().nullable(),
  subjectId: z.string().nullable(),
  channelId: z.string().nullable(),
  requestId: z.string().nullable(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  metadata: z.string().refine((text) => objectIn(text) !== undefined),
  lookUp: z.array(z.enum(['actor', 'subject'])).optional(),
})

/** Stands where an erased event stood, so that a file keeps its number of lines. */
export const ERASED = 'null'

export function toLine({ seq: _, ...draft }: Draft): string {
  return JSON.stringify({ v: 1, ...draft } satisfies { [name in keyof z.input<typeof LINE>]: unknown })
}

/** @returns the draft, `null` if it was erased, `undefined` if the line cannot be read, or is of what never waits. */
export function fromLine(line: string): Draft | null | undefined {
  if (line === ERASED) return null
  const { data, success } = LINE.safeParse(objectIn(line))
  if (!success || bytesOf(data) > MAX_ENTRY_BYTES || !mayWait(data)) return undefined
  const { v: _, ...draft } = data
  return { ...draft, seq: -1 }
}

const bytesOf = (line: z.output<typeof LINE>): number =>
  Object.values(line).reduce<number>((sum, each) => sum + (typeof each === 'string' ? Buffer.byteLength(each) : 0), 0)

/**
 * A privileged act is written together with what it does, or is not done: a line of one was put there, to be signed as if it
 * had been done. What a host reports under such a name, and may wait, establishes nothing.
 */
function mayWait({ action, account, source, requestId }: z.output<typeof LINE>): boolean {
  if (isReserved(action)) return action === 'AUDIT_GAP' && account === 'SYSTEM'
  return !PRIVILEGED.has(action) || (source === REPORTED.source && requestId === null)
}

/** The same entry as it is written later: what happened when it did stays told, in `observedAt`. */
export function writtenLater(draft: Draft, now: number): Draft {
  const observedAt = draft.createdAt.toISOString()
  // A field of that name which the host gave its event is the host's.
  const metadata = canonicalJson({ observedAt, ...JSON.parse(draft.metadata) })
  return { ...draft, createdAt: new Date(now), metadata }
}
