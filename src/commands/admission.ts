import prettyMs from 'pretty-ms'
import { type Actor, auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Arrived, Excess } from '../kernel/arrived.ts'
import { isActive } from '../roles/block.repository.ts'
import { senderKey } from '../roles/person.ts'
import { isRefusedQuietly, type RefusalReason, saveRefusal } from '../roles/refusal.repository.ts'
import { atLeast } from '../roles/role.ts'
import { type Arrivals, isAtMachine } from './arrivals.ts'
import { isDoubtful } from './caller.ts'
import type { Caller, Services } from './command.ts'

/** What a rate limiter says to one message. */
export type LimitVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      /** Whose messages were too many: this sender's, or those of all together. */
      readonly limitType: 'user' | 'global'
      /** In milliseconds. */
      readonly retryAfter: number
      /** Whether it is the first refusal after a while: the sender is told. */
      readonly isFirst: boolean
    }

/** A sender, and by what their messages are counted. */
interface Counted {
  readonly key: string
  readonly who: Actor
}

/** How often somebody may write. */
export interface Limits {
  /** Counts one message of a sender by their key. `exempt` are those whom a flood by others must not keep out. */
  take(sender: Counted, options: { readonly exempt?: 'global' }): Promise<LimitVerdict>
  /** Says of somebody that they have sent too many. `key`: by which that was counted. */
  refuse(sender: Counted, excess: Excess, key: string): LimitVerdict & { readonly allowed: false }
  /** What has arrived and is not looked at yet. */
  readonly arrivals: Arrivals
}

/** Whom messages are counted for: a person, whichever of their accounts and devices wrote. */
const senderOf = ({ actor }: Caller): string => senderKey(actor)

/** Why somebody is kept out at this moment, if they are. */
export function refusalOf(caller: Caller, { clock, settings, own }: Services): RefusalReason | undefined {
  if (isActive(caller.block, clock.now())) return 'BLOCKED'
  return settings.get(own.whitelistMode) && !caller.whitelisted ? 'NOT_WHITELISTED' : undefined
}

/** Whether nothing is to be said or written about it: most messages of somebody blocked cost one read. */
export const isQuiet = (caller: Caller, reason: RefusalReason, { reader, clock }: Services): Promise<boolean> =>
  isRefusedQuietly(reader, senderOf(caller), reason, clock.now())

/**
 * Turns somebody away, with an entry once an hour. Call it unless `isQuiet`.
 * @returns what they are told, the first time for that reason.
 */
export async function refuse(
  tx: AuditTransaction,
  caller: Caller,
  reason: RefusalReason,
  { texts, clock, time }: Services,
): Promise<string | undefined> {
  const { actor, place, block } = caller
  const sender = senderOf(caller)
  if (await isRefusedQuietly(tx.db, sender, reason, clock.now())) return undefined
  const isTold = await saveRefusal(tx.db, sender, reason, new Date(clock.now()))
  await tx.append(auditEvent('ACCESS_BLOCKED', actor, place, { reason }))
  if (!isTold) return undefined
  if (reason === 'NOT_WHITELISTED') return texts.access.notWhitelisted
  return texts.access.blocked(block?.until == null ? undefined : time(block.until))
}

/** Counts a message of this sender. Who can change the limits is not kept out by what others write. */
export async function limitOf(caller: Caller, arrived: Arrived, limits: Limits): Promise<LimitVerdict> {
  const { role, place, actor } = caller
  // Whoever seems to be somebody else must not use up that one's messages.
  const sender = { key: isDoubtful(caller) ? arrived.name : senderOf(caller), who: actor }
  if (arrived.excess !== undefined) return limits.refuse(sender, arrived.excess, arrived.key)
  if (isAtMachine(place.source)) return { allowed: true }
  return limits.take(sender, atLeast(role, 'ADMIN') ? { exempt: 'global' } : {})
}

/** What somebody hears who writes too fast, once. */
export function tooFast(
  { retryAfter, isFirst, limitType }: LimitVerdict & { allowed: false },
  { access }: Services['texts'],
): string | undefined {
  if (!isFirst) return undefined
  const wait = prettyMs(Math.ceil(retryAfter / 1000) * 1000, { verbose: true })
  return limitType === 'user' ? access.limited(wait) : access.busy(wait)
}
