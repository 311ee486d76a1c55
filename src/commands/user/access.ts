import type { AuditTransaction } from '../../audit/write/change.ts'
import type { Account } from '../../kernel/account.ts'
import { judgeAccess, ownerNamed, takesAnotherOwner } from '../../roles/access-service.ts'
import { findPerson } from '../../roles/person.ts'
import type { AccessChange, AccessDecision } from '../../roles/policy.ts'
import { atLeast, type EffectiveRole } from '../../roles/role.ts'
import type { Caller, CommandContext, Judgement, Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'

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
  { reader, seals, clock, texts }: CommandContext,
  change: AccessChange['change'],
  target: Account,
  asker: Account,
): Promise<Judgement> {
  const decision = await judgeAccess({ db: reader, seals }, asker, target, change, clock)
  if (decision.kind === 'denied') return { allowed: false, text: textOf(texts, target, decision) }
  const takesTwo =
    change !== 'whitelist' && (await takesAnotherOwner({ db: reader, seals }, asker, target, clock.now()))
  return takesTwo ? { allowed: true, note: texts.why.anotherOwner } : { allowed: true }
}

interface Asked {
  readonly change: 'block' | 'unblock'
  readonly target: Account
  readonly values: Readonly<Record<string, unknown>>
  /** What it would do, for people. */
  readonly what: string
}

/** Asks another owner where that is needed, and nothing else is in the way. */
export async function askAnother(
  tx: AuditTransaction,
  context: CommandContext,
  caller: Caller,
  { change, target, values, what }: Asked,
): Promise<Outcome | undefined> {
  const { requestedBy, clock } = context
  const asker = caller.actor.account as Account
  if (requestedBy !== undefined || !(await takesAnotherOwner(tx, asker, target, clock.now()))) return undefined
  if ((await judgeAccess(tx, asker, target, change, clock)).kind === 'denied') return undefined
  const owner = await ownerNamed(tx, await findPerson(tx.db, target))
  const asked = { command: `user ${change}`, values, subject: target, what, notBy: [owner?.id] }
  return askConfirmation(context, tx, caller, asked)
}
