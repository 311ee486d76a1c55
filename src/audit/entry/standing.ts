import type { Source } from '../../kernel/message.ts'
import type { Place } from './entry.ts'

/** Entries that say how something is from then on, until the next one of the same kind about the same subject. */
interface Standing {
  readonly set: readonly string[]
  /** Entries after which nothing is set any more. */
  readonly clear: readonly string[]
}

/**
 * What the trail establishes. `verify` replays it and compares it with what the database says now, so the latest entry
 * of each kind and subject outlives its retention.
 */
export const STANDING = {
  role: { set: ['ROLE_CHANGE'], clear: [] },
  seed: { set: ['ROLE_SEEDED'], clear: [] },
  probation: { set: ['OWNER_PROBATION_ENDED'], clear: [] },
  whitelist: { set: ['WHITELIST_ADD'], clear: ['WHITELIST_REMOVE'] },
  block: { set: ['USER_BLOCK'], clear: ['USER_UNBLOCK'] },
  account: { set: ['IDENTITY_PINNED', 'IDENTITY_CONFIRMED'], clear: ['IDENTITY_FORGOTTEN', 'IDENTITY_LEFT'] },
  departure: { set: ['IDENTITY_LEFT'], clear: [] },
  // Who was named by the account has a role by an entry that stays, which must not seem to have given them the account.
  forgetting: { set: ['IDENTITY_FORGOTTEN'], clear: [] },
  setting: { set: ['CONFIG_UPDATE'], clear: [] },
  hold: { set: ['AUDIT_HOLD_ADD'], clear: ['AUDIT_HOLD_REMOVE'] },
  witness: { set: ['AUDIT_WITNESS_ADD'], clear: ['AUDIT_WITNESS_REMOVE'] },
  archive: { set: ['AUDIT_ARCHIVED', 'AUDIT_ARCHIVE_REWRITTEN'], clear: ['AUDIT_ARCHIVE_REMOVED'] },
  upload: { set: ['AUDIT_ARCHIVE_UPLOADED'], clear: ['AUDIT_ARCHIVE_REMOVED'] },
  key: { set: ['AUDIT_KEY_ROTATED'], clear: [] },
} as const satisfies Readonly<Record<string, Standing>>

/** Why SYSTEM gives a role that the configuration says: the entry says besides that the account was seeded with it. */
export const SEEDING = 'configuration'

const ALL: readonly Standing[] = Object.values(STANDING)

/** Whether entries of this action say how something is, where Chatwarden itself wrote them. */
export const isStanding = (action: string): boolean =>
  ALL.some(({ set, clear }) => set.includes(action) || clear.includes(action))

/**
 * Where an entry comes from that a host only reports: something of its own happened, nothing of Chatwarden's. Whatever
 * Chatwarden itself does has a request, or another source. What was imported happened elsewhere too.
 */
export const REPORTED = { source: 'api', requestId: undefined } as const satisfies Place
export const IMPORTED = 'import' satisfies Source

/** What is somebody else's here keeps its name with what tells it apart. */
export const importedAs = (action: string): string => `IMPORTED_${action}`

export const isReported = ({
  source,
  requestId,
}: {
  readonly source: string
  readonly requestId: string | null
}): boolean => source === IMPORTED || (source === REPORTED.source && requestId === null)

/** Whether the program around the bot did it, by the library, and nobody in a chat: messages have a chat, and what is only reported has no request. */
export const isByLibrary = ({
  source,
  channelId,
}: {
  readonly source: string
  readonly channelId: string | null
}): boolean => source === REPORTED.source && channelId === null
