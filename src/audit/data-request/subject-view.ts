import { z } from 'zod'
import { isAccount, maskAccount } from '../../kernel/account.ts'
import { inJson, type Json, objectIn } from '../../kernel/json.ts'
import { CLOCK_TIME } from '../../kernel/own-time.ts'
import { literally } from '../../kernel/pattern.ts'
import { isPhone } from '../../kernel/phone.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import { type EventType, neededOf } from '../entry/event-type.ts'
import type { EventTypes } from '../entry/event-types.ts'
import { IMPORTED, isReported } from '../entry/standing.ts'
import { shownToSubject } from '../entry/visibility.ts'
import { OthersMask } from './mask-others.ts'

/** An entry as the person it is about may have it. */
export interface ShownEntry extends Omit<AuditLog, 'ipAddress' | 'userAgent' | 'metadata'> {
  readonly metadata: { readonly [name: string]: Json }
}

/** By this name the first of what somebody wrote into the database in place of an entry's fields. */
const UNREADABLE = 'unreadableText'
const MOST_UNREADABLE = 500
/** What the writer adds to any entry, and what is said here of one. */
const ADDED = ['operator', 'observedAt', CLOCK_TIME, UNREADABLE]
/** A reason that no person has typed. */
const CODE = /^[A-Z][A-Z_]*$/

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
  show(stored: AuditLog): ShownEntry {
    const { mask } = this
    const entry = readable(stored)
    const isOwn = isActor(entry, this.#subject)
    const { ipAddress, userAgent, ...fields } = isOwn ? this.#ownWords(entry) : this.#forSubject(entry)
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
      metadata: mask.value(
        fieldsIn(others.reduce(withoutAccountInJson, fields.metadata)) as Json,
      ) as ShownEntry['metadata'],
    }
  }

  /** What they did themself: whole, but for a reason that a host gives for it, and for what another typed in their place or asked for. */
  #ownWords(entry: AuditLog): AuditLog {
    const { action, source } = entry
    const { reason, ...metadata } = fieldsIn(entry.metadata)
    if (metadata.operator !== undefined || metadata.requestedBy !== undefined) return this.#forSubject(entry)
    const isOwn = source === IMPORTED || !isReported(entry) || reason === undefined || CODE.test(String(reason))
    if (isOwn) return entry
    return { ...entry, description: this.#description(action, metadata), metadata: JSON.stringify(metadata) }
  }

  /** What somebody else wrote, without what they typed, and without where they were. */
  #forSubject(entry: AuditLog): AuditLog {
    const { action, source } = entry
    const metadata = fieldsIn(entry.metadata)
    const fields = this.#typeOf(action)?.shownToSubject ?? []
    const isImported = source === IMPORTED
    const shown = isImported ? fromElsewhere(metadata.details, fields) : picked(metadata, fields)
    return {
      ...entry,
      ...(isImported && { userRole: CODE.test(entry.userRole) ? entry.userRole : 'UNKNOWN' }),
      ...(entry.resourceType !== 'user' && { resourceType: null, resourceId: null }),
      description: this.#description(action, shown),
      channelId: null,
      requestId: null,
      metadata: JSON.stringify({
        ...shown,
        ...this.#added(action, metadata),
        ...(isImported && picked(metadata, ['sourceTime'])),
      }),
    }
  }

  #typeOf(action: string): EventType | undefined {
    return Object.hasOwn(this.#types, action) ? this.#types[action] : undefined
  }

  /** What a kind of event says of so much; its name, where it needs more. */
  #description(action: string, metadata: Fields): string {
    const type = this.#typeOf(action)
    if (type === undefined || neededOf(type).some((name) => !Object.hasOwn(metadata, name))) return action
    try {
      return plainLine(type.describe(metadata), 500)
    } catch {
      return action
    }
  }

  /** Not what a host's own event calls the same. */
  #added(action: string, metadata: Fields): Fields {
    const own = this.#typeOf(action)?.metadata.shape ?? {}
    return picked(
      metadata,
      ADDED.filter((name) => !Object.hasOwn(own, name)),
    )
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsIn = (json: string): Fields => objectIn(json) ?? {}

/** An entry that was changed so that it cannot be read keeps nobody from the others: it is shown as what it is. */
function readable(entry: AuditLog): AuditLog {
  if (objectIn(entry.metadata) !== undefined) return entry
  const text = plainLine(String(entry.metadata).slice(0, MOST_UNREADABLE), MOST_UNREADABLE)
  return { ...entry, metadata: JSON.stringify({ [UNREADABLE]: text }) }
}

const picked = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]))

/** Another log may have anything by these names: all that is an account, a word of code, a time or a number, or else nothing. */
function fromElsewhere(details: unknown, names: readonly string[]): Fields {
  const shown = picked((details ?? {}) as Fields, names)
  return Object.values(shown).every(isPlain) ? shown : {}
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'string'
    ? isAccount(value) || CODE.test(value) || z.iso.datetime().safeParse(value).success
    : value === null || ['number', 'boolean'].includes(typeof value)

/** Fields of metadata that hold an account. */
const NAMING = ['targetUser', 'targetPhoneNumber', 'requestedBy', 'account', 'subject', 'phoneNumber']

/** The accounts of others that an entry names: ids of platforms can be told from other words only where it is known that they are. */
function othersNamed(
  { account, resourceId, metadata }: Pick<AuditLog, 'account' | 'resourceId' | 'metadata'>,
  { accounts }: Who,
): string[] {
  const fields = fieldsIn(metadata)
  const all = { ...within(fields.details), ...fields, ...within(fields.filters) }
  const named = [account, resourceId, ...NAMING.map((name) => all[name]), all.target]
  return [...new Set(named)]
    .filter(
      (each): each is string =>
        typeof each === 'string' && isAccount(each) && !isPhone(each) && !accounts.includes(each),
    )
    .sort((a, b) => b.length - a.length)
}

const within = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** Not where it is within a longer one, which is somebody else's, or the subject's own. */
const alone = (account: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}-])${literally(account)}(?![\\p{L}\\p{N}])`, 'gu')

const withoutAccount = (text: string, account: string): string =>
  text.replace(alone(account), () => maskAccount(account))

const withoutAccountInJson = (json: string, account: string): string =>
  json.replace(alone(inJson(account)), () => inJson(maskAccount(account)))

const isActor = ({ userId, account }: AuditLog, who: Who): boolean =>
  who.accounts.includes(account) || (userId !== null && userId === who.userId)
