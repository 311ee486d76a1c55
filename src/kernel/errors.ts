import { newReference } from './ids.ts'

/**
 * Every error that Chatwarden raises on purpose, by its stable code: `chat` is what a person in a chat may
 * read, `log` what an operator needs. Nothing else that was thrown ever reaches a chat.
 */
export const ERRORS = {
  ARCHIVE_CHANGED: {
    chat: '❌ An archive of the audit log has just changed. Please try again in a minute.',
    log: 'An archive was rewritten or removed, or somebody was erased, while it was brought back. What came back so far is there; try again.',
  },
  ARCHIVE_DAMAGED: {
    chat: '❌ An archive of the audit log is damaged or missing. Please tell the bot’s operator.',
    log: 'An archive is missing, or not what was signed; nothing was removed because of it. Run `chatwarden archive verify`.',
  },
  AUDIT_UNAVAILABLE: {
    chat: '❌ The audit log cannot be written right now, so nothing was done. Please try again in a minute.',
    log: 'The database did not take an entry that the action depends on; the action was not carried out.',
  },
  CANNOT_START: {
    chat: '❌ The bot is not set up correctly. Please tell its operator.',
    log: 'Something outside of the bot keeps it from starting. The message says what, and what to do; a server that is away or a lock may pass.',
  },
  CONFIG_INVALID: {
    chat: '❌ The bot is not set up correctly. Please tell its operator.',
    log: 'A configuration variable has a value that cannot be used.',
  },
  DATABASE_DAMAGED: {
    chat: '❌ The bot’s database is damaged, so nothing was done. Please tell the bot’s operator.',
    log: 'The database is damaged, and nothing is done with it.',
  },
  DATABASE_REPLACED: {
    chat: '❌ The bot’s database is not the one it was, so nothing was done. Please tell the bot’s operator.',
    log: 'The database is not the one that was opened and written to, so nothing is done with it.',
  },
  EXPORT_TOO_LARGE: {
    chat: '❌ That is too much for one answer. Please ask for fewer days.',
    log: 'The export does not fit into one string; use AuditLogRepository.exportTo(), which streams.',
  },
  INTERNAL: {
    chat: '❌ Something went wrong, and nothing was changed.',
    log: 'An unexpected error. The cause is logged with it.',
  },
  INVALID_ARGUMENT: {
    chat: '❌ That value cannot be used.',
    log: 'A function was called with a value outside its documented range.',
  },
  INVALID_EVENT: {
    chat: '❌ Something went wrong, and nothing was changed.',
    log: 'An event does not fit the schema of its action.',
  },
  MIGRATION_FAILED: {
    chat: '❌ The bot is not set up correctly. Please tell its operator.',
    log: 'The database schema is not what this version expects.',
  },
  NOT_PERMITTED: {
    chat: "❌ You don't have permission to do that.",
    log: 'The acting person’s role does not allow the change.',
  },
  OBJECT_STORE_UNAVAILABLE: {
    chat: '❌ The file could not be stored for you to fetch. Please try again later.',
    log: 'The object store (S3_BUCKET) did not do what it was asked.',
  },
  OUTCOME_UNKNOWN: {
    chat: '❌ The database was lost at the last moment: it is not known whether this was done. Please look at the audit log before you try again.',
    log: 'The connection was lost while a change was committed, and the database could not be asked since. If the change is in the trail, it was done.',
  },
  RESULT_TOO_LARGE: {
    chat: '❌ That is too much for one answer. Please ask for fewer days.',
    log: 'More rows match than one array should hold; pass a limit or use AuditLogRepository.iterate().',
  },
  SCHEMA_ALTERED: {
    chat: '❌ The database was changed from outside, so nothing was done. Please tell the bot’s operator.',
    log: 'The database has what could change, hide or remove what is in it behind the trail, so nothing is done with it. Remove it, or restore a backup.',
  },
  TRAIL_DAMAGED: {
    chat: '❌ The audit log was damaged or changed from outside, so nothing was done. Please tell the bot’s operator.',
    log: 'The tree of the trail is not the one that was signed, and nothing is built on it. Run `chatwarden verify`.',
  },
  UNDER_HOLD: {
    chat: '❌ A legal hold keeps these entries.',
    log: 'A legal hold keeps the entries of that person. Remove the hold first.',
  },
  USER_NOT_FOUND: {
    chat: '❌ User not found.',
    log: 'There is no such user.',
  },
} as const

export type ErrorCode = keyof typeof ERRORS

/** An error with a stable `code`. `message` is for the log and for a library's caller, never for a chat. */
export class ChatwardenError extends Error {
  override readonly name = 'ChatwardenError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? ERRORS[code].log : `${ERRORS[code].log} ${detail}`, options)
    this.code = code
  }
}

export interface Told {
  /** What the chat is told. It holds nothing internal, but the reference. */
  readonly chat: string
  /** What the log line carries, so that the two can be brought together. */
  readonly reference: string
}

/** The two texts for anything that was thrown. */
export function tell(error: unknown): Told {
  const code = error instanceof ChatwardenError ? error.code : 'INTERNAL'
  const reference = newReference()
  return { chat: `${ERRORS[code].chat} (Reference: ${reference})`, reference }
}
