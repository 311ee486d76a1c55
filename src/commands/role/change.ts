import type { Phone } from '../../kernel/phone.ts'
import type { Direction } from '../../roles/policy.ts'
import { atLeast, type Role } from '../../roles/role.ts'
import { changeRole, type RoleResult } from '../../roles/role-service.ts'
import { actedBy } from '../acted-by.ts'
import type { CommandContext, Commit, Outcome } from '../command.ts'
import { notesToOwners } from '../owners.ts'

/** What `promote` and `demote` have in common: the change, and the words for each way it can end. */
export function change(context: CommandContext, direction: Direction, target: Phone, wanted: Role): Commit {
  const { clock, texts } = context
  return async (tx, { actor, place }) => {
    const result = await changeRole(tx, { actor, place, target, wanted, direction }, clock)
    switch (result.kind) {
      case 'allowed': {
        const by = actedBy(actor, texts)
        const note = texts.role.ownerNote(target, result.current, wanted, by)
        return {
          kind: 'answered',
          text: texts.role.changed(target, result.current, wanted, by),
          notes: atLeast(wanted, 'ADMIN') ? await notesToOwners(tx.db, note, [actor.phoneNumber, target]) : [],
        }
      }
      case 'denied':
        return denial(context, direction, target, wanted, result)
      case 'not-found':
        return { kind: 'not-found', text: texts.role.notFound(target) }
      case 'unchanged':
        return { kind: 'answered', text: texts.role.unchanged(target, wanted) }
      case 'wrong-direction': {
        const command = `${context.prefix} role ${result.right} ${target} ${wanted}`
        return { kind: 'usage', text: texts.role.wrongDirection(target, result.current, command) }
      }
    }
  }
}

function denial(
  { texts }: CommandContext,
  direction: Direction,
  target: Phone,
  wanted: Role,
  { current, ...decision }: RoleResult & { kind: 'denied' },
): Outcome {
  const text = {
    ROLE_TOO_LOW: atLeast(current, 'ADMIN') ? texts.denied.changeRoleOf(current) : texts.denied.promoteTo(wanted),
    OWN_ROLE: direction === 'demote' ? texts.denied.demoteSelf : texts.denied.promoteSelf,
    LAST_OWNER: texts.denied.lastOwner(target),
  }[decision.reason]
  const concerned = direction === 'promote' ? wanted : current
  return {
    kind: 'denied',
    text,
    attemptedAction: attemptedChange(direction, concerned),
    reason: decision.reason,
    target,
  }
}

/** What a denied change is called in the trail (document 002's names), by the role given or taken away. */
export function attemptedChange(direction: Direction, concerned: string): string {
  const isHigh = concerned === 'OWNER' || concerned === 'ADMIN'
  if (direction === 'promote') return isHigh ? `PROMOTE_TO_${concerned}` : 'PROMOTE_USER'
  return isHigh ? `DEMOTE_${concerned}` : 'DEMOTE_USER'
}
