import { isAccount, maskAccount } from '../../kernel/account.ts'
import { inJson, type Json } from '../../kernel/json.ts'
import { isPhone } from '../../kernel/phone.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { AuditLog } from '../entry/entry.ts'
import type { OthersMask } from './mask-others.ts'

/** An entry as the person it is about may have it. */
export interface ShownEntry extends Omit<AuditLog, 'ipAddress' | 'userAgent' | 'metadata'> {
  readonly metadata: { readonly [name: string]: Json }
}

/** Other people's names and ids are not the subject's data, nor is from which machine somebody wrote. */
export function shownEntry(entry: AuditLog, subject: Who, mask: OthersMask): ShownEntry {
  const { ipAddress, userAgent, ...fields } = entry
  const others = othersNamed(entry, subject)
  const text = <T extends string | null>(value: T): T =>
    value === null ? value : (mask.text(others.reduce(withoutAccount, value as string)) as T)
  const isOwn = isActor(entry, subject)
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
    subjectId: fields.subjectId === subject.userId ? fields.subjectId : null,
    channelId: text(fields.channelId),
    requestId: text(fields.requestId),
    metadata: mask.value(JSON.parse(others.reduce(withoutAccountInJson, fields.metadata))) as ShownEntry['metadata'],
  }
}

/** Fields of metadata that hold an account. */
const NAMING = ['targetUser', 'targetPhoneNumber', 'requestedBy', 'account', 'subject', 'phoneNumber']

/** The accounts of others that an entry names: ids of platforms can be told from other words only where it is known that they are. */
function othersNamed({ account, resourceId, metadata }: AuditLog, { accounts }: Who): string[] {
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
