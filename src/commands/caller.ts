import type { IncomingMessage } from '../kernel/message.ts'
import type { Phone } from '../kernel/phone.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { findBlock } from '../roles/block.repository.ts'
import { identify, resolveSender } from '../roles/identity.ts'
import { effectiveRole, isWhitelisted } from '../roles/user.ts'
import type { Reader } from '../storage/contract.ts'
import type { Caller } from './command.ts'

/**
 * The sender of a message as a user with a role. Writing to the bot makes nobody a user. Asked once more inside the
 * transaction that acts for them, so that nobody acts on a role or an identity that they no longer have.
 */
export async function callerOf(message: IncomingMessage, db: Pick<Reader, '$queryRaw'>): Promise<Caller> {
  const { sender, source, chat } = message
  const { phone, user, first, changed, unverified = false, ...identity } = await identify(sender, source, db)
  const role = effectiveRole(user)
  // Who is kept out is so by the number that the platform gives, whatever else is in doubt.
  const number = phone ?? changed?.phone ?? resolveSender(sender, source)
  const isAsked = user === undefined && number !== undefined
  const block = isAsked ? await findBlock(db, number) : identity.block
  const name = sender.name === undefined ? undefined : plainLine(sender.name, 60) || undefined
  return {
    phone,
    role,
    first,
    changed,
    unverified,
    block,
    whitelisted: user !== undefined && isWhitelisted(user),
    // Who types in another person's place says nothing about that person's name.
    newName: user !== undefined && sender.operator === undefined && name !== user.name ? name : undefined,
    actor: {
      phoneNumber: phone ?? plainLine(sender.id, 100),
      role,
      userId: user?.id,
      name,
      operator: sender.operator,
    },
    place: { source, channelId: chat.id, requestId: message.id },
  }
}

/** The person whose message this one replies to. */
export function quotedPhone({ quoted, source }: IncomingMessage): Phone | undefined {
  return quoted?.sender === undefined ? undefined : resolveSender(quoted.sender, source)
}

/** Mentions that the platform resolved. Others are no numbers, whatever digits they show. */
export function resolvedMentions({ mentions = [], source }: IncomingMessage): Map<string, Phone> {
  return new Map(
    mentions.flatMap(({ text, sender }) => {
      const phone = resolveSender(sender, source)
      return phone === undefined ? [] : [[text, phone] as const]
    }),
  )
}
