import { type Account, isAccount, isPlatform, parseAccount } from '../kernel/account.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { isId } from '../kernel/ids.ts'
import type { IncomingMessage, Sender, Source } from '../kernel/message.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { identify, resolveSender } from '../roles/identity.ts'
import { effectiveRole, isWhitelisted } from '../roles/user.ts'
import type { Reader } from '../storage/contract.ts'
import type { Caller } from './command.ts'

/** What is written there is no message: it must not seem to be one of these. */
const NOBODY_WRITES: readonly string[] = ['system', 'import']

/** Whether messages may come from there. */
export const isSource = (source: unknown): boolean =>
  typeof source === 'string' && isPlatform(source) && !NOBODY_WRITES.includes(source)

/**
 * The sender of a message as a user with a role. Writing to the bot makes nobody a user. Asked once more inside the
 * transaction that acts for them, so that nobody acts on a role or an identity that they no longer have.
 */
export async function callerOf(message: IncomingMessage, db: Pick<Reader, '$queryRaw'>): Promise<Caller> {
  const { sender, source, chat } = message
  if (!isSource(source))
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `source: messages come from a platform such as telegram, not ${source}.`,
    )
  if (typeof sender.id !== 'string' || sender.id === '')
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `sender.id has to be the platform's id as text, not ${JSON.stringify(sender.id)}.`,
    )
  const { account, user, block, first, changed, unverified = false } = await identify(sender, source, db)
  const role = effectiveRole(user)
  const name = sender.name === undefined ? undefined : plainLine(sender.name, 60) || undefined
  return {
    account,
    role,
    first,
    changed,
    unverified,
    block,
    whitelisted: user !== undefined && isWhitelisted(user),
    // Who types in another person's place says nothing about that person's name.
    newName: user !== undefined && sender.operator === undefined && name !== user.name ? name : undefined,
    actor: {
      account: account ?? nameless(sender.id),
      role,
      userId: user?.id,
      name,
      operator: sender.operator,
    },
    place: { source, channelId: chat.id, requestId: message.id },
  }
}

/** Whether it may be somebody else than the platform's words seem to say. */
export const isDoubtful = ({ unverified, changed }: Caller): boolean => unverified || changed !== undefined

/**
 * By what somebody is known before anything is asked: the account that the platform's own id is, whichever device wrote.
 * Never by the number alone that is said to be theirs: who is taken for somebody else must not use up that one's limit.
 */
export function nameOf({ id, account }: Sender, source: Source): string {
  const name = resolveSender({ id }, source) ?? nameless(id)
  return account === undefined || name.endsWith(`:${account}`) ? name : `${name} ${account}`
}

/** An id that is no account's must not look like one, nor like one of ours. */
function nameless(id: string): string {
  const text = plainLine(id, 190)
  return isAccount(text) || parseAccount(text) !== undefined || isId(text) ? JSON.stringify(text) : text
}

/** Who is meant by the message that this one replies to: one person, or, of a contact card, as many as are on it. */
export function quotedPeople({ quoted, source }: IncomingMessage): { quoted: Account | undefined; card?: Account[] } {
  const senders = quoted?.contacts ?? [quoted?.sender ?? []].flat()
  const people = [...new Set(senders.flatMap((sender) => resolveSender(sender, source) ?? []))]
  const [only, another] = people
  if (quoted?.contacts === undefined) return { quoted: only }
  // Of two on a card one can't be told to have no account: which one is meant is a question then.
  const isOne = another === undefined && quoted.contacts.length === 1
  return isOne && only !== undefined ? { quoted: only } : { quoted: undefined, card: people }
}

/** Mentions that the platform resolved. Others are no numbers, whatever digits they show. */
export function resolvedMentions({ mentions = [], source }: IncomingMessage): Map<string, Account> {
  return new Map(
    mentions.flatMap(({ text, sender }) => {
      const account = resolveSender(sender, source)
      return account === undefined ? [] : [[text, account] as const]
    }),
  )
}
