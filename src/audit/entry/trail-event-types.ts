import { z } from 'zod'
import { isAccount } from '../../kernel/account.ts'
import { because, count, defineEvent, line, person, type Resource } from './event-type.ts'

const heldResource = (subject: string): Resource =>
  isAccount(subject) ? person(subject) : { type: 'trail', id: subject }

/** What happens to the trail itself. */
export const TRAIL_EVENT_TYPES = {
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
    shownToSubject: ['targetUser'],
    describe: (m) => `${m.targetUser} receives the checkpoint each day`,
    resource: (m) => person(m.targetUser),
  }),
  AUDIT_WITNESS_REMOVE: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line }),
    shownToSubject: ['targetUser'],
    describe: (m) => `${m.targetUser} no longer receives the checkpoint`,
    resource: (m) => person(m.targetUser),
  }),
  AUDIT_HOLD_ADD: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ subject: line, reason: line.optional() }),
    ownersOnly: true,
    describe: (m) => `Legal hold on ${m.subject}${because(m.reason)}`,
    resource: (m) => heldResource(m.subject),
  }),
  AUDIT_HOLD_REMOVE: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ subject: line, requestedBy: line.optional() }),
    ownersOnly: true,
    describe: (m) => `Removed the legal hold on ${m.subject}`,
    resource: (m) => heldResource(m.subject),
  }),
  AUDIT_HOLDS_OBEYED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    /** SHA-256 in hex of the sorted JSON array of all that is held: subjects, accounts and ids of users; missing where nothing is. */
    metadata: z.strictObject({ digest: line.optional() }),
    ownersOnly: true,
    describe: () => 'Looked at the legal holds before removing',
  }),
  AUDIT_HOLDS_VIEWED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({}),
    ownersOnly: true,
    describe: () => 'Viewed legal holds',
  }),
  DATABASE_TRIGGERS_RESTORED: defineEvent({
    category: 'SECURITY',
    failure: 'closed',
    /** Each in a few words. */
    metadata: z.strictObject({ triggers: z.array(line) }),
    describe: (m) => `Put back what keeps the trail from being changed: ${m.triggers.join('; ')}`,
  }),
  DATABASE_OBJECTS_FOUND: defineEvent({
    category: 'SECURITY',
    failure: 'closed',
    /** `objects`: in a few words, what is new first, of as many as `count`; `digests`: by which they are known again. */
    metadata: z.strictObject({ objects: z.array(line), count, digests: z.array(line) }),
    describe: (m) =>
      `In the database, but not of Chatwarden: ${m.objects.join(', ')}${m.count > m.objects.length ? ` and ${m.count - m.objects.length} more` : ''}`,
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
      /** The same of each account known to be theirs, and of their user id. */
      accountHashes: z.array(line).optional(),
      /** First and last seq of each run of entries erased. The database's triggers read it. */
      ranges: z.array(z.tuple([count, count])),
      erasedCount: count,
      /** Entries that stay, as a hold on somebody else keeps them; missing where there are none. */
      heldCount: count.optional(),
      /** The legal holds that stood: see `AUDIT_HOLDS_OBEYED`. */
      obeyed: line.optional(),
      reason: line.optional(),
      /** Who asked for it, where somebody else confirmed it. */
      requestedBy: line.optional(),
    }),
    // It says whether a hold keeps something.
    ownersOnly: true,
    describe: (m) => `Erased ${m.erasedCount} audit logs of one person`,
  }),
  AUDIT_GAP: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ lostCount: count, firstLostAt: z.iso.datetime(), lastLostAt: z.iso.datetime() }),
    describe: (m) => `${m.lostCount} events could not be written`,
  }),
} as const
