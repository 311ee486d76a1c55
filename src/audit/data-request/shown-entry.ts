import type { Json } from '../../kernel/json.ts'
import { accountOf } from '../../kernel/phone.ts'
import type { AuditLog } from '../entry/entry.ts'
import type { Subject } from '../remove/removal.repository.ts'
import type { OthersMask } from './mask-others.ts'

/** An entry as the person it is about may have it. */
export interface ShownEntry extends Omit<AuditLog, 'ipAddress' | 'userAgent' | 'metadata'> {
  readonly metadata: { readonly [name: string]: Json }
}

/** Other people's names and ids are not the subject's data, nor is from which machine somebody wrote. */
export function shownEntry(entry: AuditLog, subject: Subject, mask: OthersMask): ShownEntry {
  const { ipAddress, userAgent, ...fields } = entry
  const text = <T extends string | null>(value: T): T => (value === null ? value : (mask.text(value) as T))
  const isOwn = isActor(entry, subject)
  return {
    ...fields,
    action: text(fields.action),
    description: text(fields.description),
    userId: isOwn ? text(fields.userId) : null,
    phoneNumber: text(fields.phoneNumber),
    actorName: isOwn ? text(fields.actorName) : null,
    userRole: text(fields.userRole),
    resourceType: text(fields.resourceType),
    resourceId: text(fields.resourceId),
    channelId: text(fields.channelId),
    requestId: text(fields.requestId),
    metadata: mask.value(JSON.parse(fields.metadata)) as ShownEntry['metadata'],
  }
}

const isActor = ({ userId, phoneNumber }: AuditLog, { accounts = [], ...subject }: Subject): boolean =>
  phoneNumber === subject.phoneNumber ||
  accounts.includes(accountOf(phoneNumber)) ||
  (userId !== null && userId === subject.userId)
