import type { Account } from '../../kernel/account.ts'
import { judgeAccess } from '../../roles/access-service.ts'
import type { AccessChange, AccessDecision } from '../../roles/policy.ts'
import { atLeast, type EffectiveRole } from '../../roles/role.ts'
import type { CommandContext, Judgement, Outcome } from '../command.ts'

type Denied = AccessDecision & { readonly kind: 'denied' } & { readonly current: EffectiveRole }

/** How a denial to let somebody in or keep them out is told, and what it is called in the trail. */
export const accessDenied = (
  { texts }: Pick<CommandContext, 'texts'>,
  attemptedAction: string,
  target: Account,
  denied: Denied,
): Outcome => ({ kind: 'denied', text: textOf(texts, target, denied), attemptedAction, reason: denied.reason, target })

function textOf(texts: CommandContext['texts'], target: Account, { reason, current }: Denied): string {
  if (reason === 'BLOCKED_BY_HIGHER') return texts.denied.blockedByHigher(target)
  if (reason === 'SELF') return texts.denied.blockSelf
  if (reason === 'LAST_OWNER') return texts.denied.lastOwnerBlock(target)
  return texts.denied.accessOf(current, atLeast(current, 'ADMIN') ? 'OWNER' : 'ADMIN')
}

/** Whether somebody may let this person in or keep them out. */
export async function judgeAccessBy(
  { reader, clock, texts }: CommandContext,
  change: AccessChange['change'],
  target: Account,
  asker: Account,
): Promise<Judgement> {
  const decision = await judgeAccess(reader, asker, target, change, clock)
  return decision.kind === 'allowed' ? { allowed: true } : { allowed: false, text: textOf(texts, target, decision) }
}
