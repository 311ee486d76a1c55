import { z } from 'zod'
import { isAccount } from '../../kernel/account.ts'
import { plainLine } from '../../kernel/plain-text.ts'

/** Document 002: every entry belongs to one of four categories. */
export const AuditCategory = { AUTH: 'AUTH', CONFIG: 'CONFIG', ADMIN: 'ADMIN', SECURITY: 'SECURITY' } as const
export type AuditCategory = (typeof AuditCategory)[keyof typeof AuditCategory]

/** What an entry acts upon. A person is always `user` and the account by which they were named. */
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
  /**
   * What of its metadata the person it is about (`resource`, of the type `user`) may see where somebody else did it, in
   * `audit mine` and data requests. They get what `describe` makes of these fields as they are stored, so name all that it
   * needs, and nothing that somebody typed: it may speak of others. Without this they are not shown such an entry at
   * all, as it may be about an inquiry.
   */
  readonly shownToSubject?: readonly (keyof z.output<Metadata> & string)[]
  /** Whether OWNERs alone may see it, as it would warn whom it is about. */
  readonly ownersOnly?: true
  describe(metadata: z.output<Metadata>): string
  resource?(metadata: z.output<Metadata>): Resource | undefined
}

/** Declares a kind of event of the host's own; register it with `openChatwarden({ events })`. */
export const defineEvent = <Metadata extends z.ZodObject>(type: EventType<Metadata>): EventType<Metadata> => type

/** The fields of metadata that every such event has, which its description may need. */
export const neededOf = ({ metadata }: EventType): string[] =>
  Object.entries(metadata.shape)
    .filter(([, schema]) => {
      try {
        const read = schema.safeParse(undefined)
        return !read.success || read.data !== undefined
      } catch {
        // It can't be told what it does with nothing.
        return false
      }
    })
    .map(([name]) => name)

export const line = z.string().transform((text) => plainLine(text, 200))
export const count = z.int().min(0)
export const value = z.union([line, z.number(), z.boolean(), z.null()])
/** What somebody looked for: a list of many values is longer than other values are. */
export const filters = z.record(line, z.union([z.string().transform((text) => plainLine(text, 1500)), value]))
export const because = (reason: string | undefined): string => (reason === undefined ? '' : ` (${reason})`)
export const person = (account: string): Resource => ({ type: 'user', id: account })
export function aboutFiltered({ phoneNumber, target }: Readonly<Record<string, unknown>> = {}): Resource | undefined {
  const about = [phoneNumber, target].find((each) => typeof each === 'string' && isAccount(each))
  return typeof about === 'string' ? person(about) : undefined
}
