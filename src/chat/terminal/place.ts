import type { Chat, Sender } from '../../kernel/message.ts'
import { isPhone, type Phone } from '../../kernel/phone.ts'

/** Whom the operator acts as, and in which group, if any. */
export interface Place {
  readonly phone: Phone
  readonly group?: string
}

/** One word, so that no name of a group looks like more than one; a phone number is the id of a private chat. */
export const isGroupId = (id: string): boolean => /^[^\s\p{C}]{1,100}$/u.test(id) && !isPhone(id)

export function chatAt({ phone, group }: Place): Chat {
  return group === undefined ? { id: phone, kind: 'private' } : { id: group, kind: 'group' }
}

export const senderAt = ({ phone }: Place, operator: string): Sender => ({ id: phone, phone, operator })

export const promptAt = ({ phone, group }: Place): string =>
  group === undefined ? `${phone}> ` : `${phone} in ${group}> `

export const describePlace = ({ phone, group }: Place): string =>
  `${phone}, ${group === undefined ? 'in the private chat with the bot' : `in the group ${group}`}`
