import { isAccount, maskAccount } from '../../kernel/account.ts'
import { inJson, type Json } from '../../kernel/json.ts'
import { isPhone } from '../../kernel/phone.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import { type EventTypes, shownToSubject } from '../entry/event-types.ts'
import { IMPORTED } from '../entry/standing.ts'
import { OthersMask } from './mask-others.ts'

/** An entry as the person it is about may have it. */
export interface ShownEntry extends Omit<AuditLog, 'ipAddress' | 'userAgent' | 'metadata'> {
  readonly metadata: { readonly [name: string]: Json }
}

/** What is kept of who typed, and of when it happened, whatever an entry says. */
const ALWAYS = ['operator', 'observedAt', 'sourceTime']

/** The entries by and about one person as that person may have them: what they did, and of others' doing what is for them. */
export class SubjectView {
  readonly mask: OthersMask
  readonly #subject: Who
  readonly #types: EventTypes

  constructor(subject: Who, types: EventTypes) {
    this.mask = new OthersMask(subject.accounts)
    this.#subject = subject
    this.#types = types
  }

  /** What others did about them is shown of these actions alone. */
  get actions(): readonly string[] {
    return shownToSubject(this.#types)
  }

  /** Other people's names and ids are not the subject's data, nor is from which machine somebody wrote. */
  show(entry: AuditLog): ShownEntry {
    const { mask } = this
    const isOwn = isActor(entry, this.#subject)
    const { ipAddress, userAgent, ...fields } = isOwn ? entry : this.#forSubject(entry)
    const others = othersNamed(fields, this.#subject)
    const text = <T extends string | null>(value: T): T =>
      value === null ? value : (mask.text(others.reduce(withoutAccount, value as string)) as T)
    return {
      ...fields,
      action: text(fields.action),
      description: text(fields.description),
      userId: isOwn ? text(fields.userId) : null,
      account: mask.account(fields.account),
      phoneNumber: mask.account(fields.account),
      actorName: isOwn ? text(fields.actorName) : null,
      userRole: text(fields.userRole),
      resourceType: text(fields.resourceType),
      resourceId: fields.resourceType === 'user' ? mask.account(fields.resourceId ?? '') : text(fields.resourceId),
      subjectId: fields.subjectId === this.#subject.userId ? fields.subjectId : null,
      channelId: text(fields.channelId),
      requestId: text(fields.requestId),
      metadata: mask.value(JSON.parse(others.reduce(withoutAccountInJson, fields.metadata))) as ShownEntry['metadata'],
    }
  }

  /** What somebody else wrote, without what they typed, and without where they were. */
  #forSubject(entry: AuditLog): AuditLog {
    const { action, source } = entry
    const metadata = JSON.parse(entry.metadata) as Fields
    const type = Object.hasOwn(this.#types, action) ? this.#types[action] : undefined
    // What another log said lies deeper, and need not be as it is said here.
    const said = source === IMPORTED ? (metadata.details as Fields) : metadata
    const shown = picked(said, type?.shownToSubject ?? [])
    const read = type?.metadata.safeParse(shown)
    return {
      ...entry,
      description: type !== undefined && read?.success ? plainLine(type.describe(read.data), 500) : action,
      channelId: null,
      requestId: null,
      metadata: JSON.stringify({ ...shown, ...picked(metadata, ALWAYS) }),
    }
  }
}

type Fields = Readonly<Record<string, unknown>>

const picked = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]))

/** Fields of metadata that hold an account. */
const NAMING = ['targetUser', 'targetPhoneNumber', 'requestedBy', 'account', 'subject', 'phoneNumber']

/** The accounts of others that an entry names: ids of platforms can be told from other words only where it is known that they are. */
function othersNamed(
  { account, resourceId, metadata }: Pick<AuditLog, 'account' | 'resourceId' | 'metadata'>,
  { accounts }: Who,
): string[] {
  const { filters, ...fields } = JSON.parse(metadata) as Record<string, unknown>
  const all = { ...fields, ...(typeof filters === 'object' ? filters : {}) } as Record<string, unknown>
  const named = [account, resourceId, ...NAMING.map((name) => all[name]), all.target]
  return [...new Set(named)].filter(
    (each): each is string => typeof each === 'string' && isAccount(each) && !isPhone(each) && !accounts.includes(each),
  )
}

const withoutAccount = (text: string, account: string): string => text.replaceAll(account, () => maskAccount(account))

const withoutAccountInJson = (json: string, account: string): string =>
  json.replaceAll(inJson(account), () => inJson(maskAccount(account)))

const isActor = ({ userId, account }: AuditLog, who: Who): boolean =>
  who.accounts.includes(account) || (userId !== null && userId === who.userId)
