import { type Account, isAccount } from '../../kernel/account.ts'
import type { Chat, Sender } from '../../kernel/message.ts'

/** Whom the operator acts as, and in which group, if any. */
export interface Place {
  readonly account: Account
  readonly group?: string
}

/** One word, so that no name of a group looks like more than one; an account is the id of a private chat. */
export const isGroupId = (id: string): boolean => /^[^\s\p{C}]{1,100}$/u.test(id) && !isAccount(id)

export function chatAt({ account, group }: Place): Chat {
  return group === undefined ? { id: account, kind: 'private' } : { id: group, kind: 'group' }
}

export const senderAt = ({ account }: Place, operator: string): Sender => ({ id: account, operator })

export const promptAt = ({ account, group }: Place): string =>
  group === undefined ? `${account}> ` : `${account} in ${group}> `

export const describePlace = ({ account, group }: Place): string =>
  `${account}, ${group === undefined ? 'in the private chat with the bot' : `in the group ${group}`}`
