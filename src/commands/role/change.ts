import type { AuditTransaction } from '../../audit/write/change.ts'
import type { Account } from '../../kernel/account.ts'
import { blocksOn, knownAs } from '../../roles/access-service.ts'
import { countRunning } from '../../roles/new-owner.repository.ts'
import { areSeveralOwners } from '../../roles/owners.ts'
import { findPerson } from '../../roles/person.ts'
import type { Direction } from '../../roles/policy.ts'
import { atLeast, type EffectiveRole, type Role } from '../../roles/role.ts'
import { changeRole, judgeRoleChange, type RoleResult } from '../../roles/role-service.ts'
import type { Reader } from '../../storage/contract.ts'
import type { Texts } from '../../text/english.ts'
import { actedBy } from '../acted-by.ts'
import type { Caller, CommandContext, Commit, Judgement, Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'
import { notesToOwners } from '../owners.ts'

/** How a role change is asked for: `revoke` is a demotion in an emergency. */
type Verb = Direction | 'revoke'

const directionOf = (verb: Verb): Direction => (verb === 'promote' ? 'promote' : 'demote')

/** What `promote`, `demote` and `revoke` have in common: the change, and the words for each way it can end. */
export function change(context: CommandContext, verb: Verb, target: Account, wanted: Role): Commit {
  const { clock, texts, requestedBy } = context
  const isRevoked = verb === 'revoke'
  const asked = { target, wanted, direction: directionOf(verb), reason: isRevoked ? 'revoked' : undefined }
  return async (tx, caller) => {
    const { actor, place } = caller
    const known = await knownAs(tx, target)
    if (known !== undefined) return { kind: 'usage', text: texts.role.knownAs(target, known.account) }
    if (requestedBy === undefined) {
      const judged = await judgeRoleChange(tx.db, actor.account as Account, asked, clock)
      if (judged.kind === 'allowed' && (await takesAnother(tx.db, judged.current, wanted)))
        return askAnother(context, tx, caller, { verb, target, wanted, current: judged.current })
    }
    const result = await changeRole(tx, { actor, place, ...asked, requestedBy: requestedBy?.account }, clock)
    // From now on counts how long the bot runs.
    if (wanted === 'OWNER') await countRunning(tx, context.probation)
    switch (result.kind) {
      case 'allowed': {
        const by = actedBy(actor, texts, requestedBy)
        const note = texts.role.ownerNote(target, result.current, wanted, by)
        const isTold = isRevoked || atLeast(wanted, 'ADMIN') || atLeast(result.current, 'ADMIN')
        const person = await findPerson(tx.db, target)
        const owners = isTold ? await notesToOwners(tx.db, note, [actor.userId, person.userId], clock.now()) : []
        // An owner who is one no more is told as well: nobody is to be put aside unseen.
        const isOther = actor.userId !== person.userId
        const former = result.current === 'OWNER' && isOther ? [{ account: target, text: note }] : []
        const blocked = (await blocksOn(tx, person, clock.now())).length > 0
        const text = texts.role.changed(target, result.current, wanted, by)
        return {
          kind: 'answered',
          text: blocked ? `${text}\n${texts.role.stillBlocked}` : text,
          notes: [...owners, ...former],
        }
      }
      case 'denied':
        return denial(context, verb, target, wanted, result)
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

/** Owners are made and unmade by two of them. */
const takesAnother = async (db: Pick<Reader, '$queryRaw'>, current: EffectiveRole, wanted: Role): Promise<boolean> =>
  (current === 'OWNER' || wanted === 'OWNER') && (await areSeveralOwners(db))

interface AskedChange {
  readonly verb: Verb
  readonly target: Account
  readonly wanted: Role
  readonly current: EffectiveRole
}

/** Who is to be no OWNER any more may say so themself, as any other owner may. */
function askAnother(
  context: CommandContext,
  tx: AuditTransaction,
  caller: Caller,
  { verb, target, wanted, current }: AskedChange,
): Promise<Outcome> {
  const what = context.texts.role.change(target, current, wanted)
  const asked = { command: `role ${verb}`, values: { target, role: wanted }, subject: target }
  return askConfirmation(context, tx, caller, { ...asked, what })
}

/** Whether somebody may change this role, for whom nothing else is in the way. */
export async function judgeChange(
  { reader, clock, texts }: CommandContext,
  verb: Verb,
  target: Account,
  wanted: Role,
  asker: Account,
): Promise<Judgement> {
  const result = await judgeRoleChange(reader, asker, { target, wanted, direction: directionOf(verb) }, clock)
  if (result.kind === 'denied') return { allowed: false, text: denialText(texts, verb, target, wanted, result) }
  const takesTwo = result.kind === 'allowed' && (await takesAnother(reader, result.current, wanted))
  return takesTwo ? { allowed: true, note: texts.why.anotherOwner } : { allowed: true }
}

type Denied = RoleResult & { readonly kind: 'denied' }

function denial({ texts }: CommandContext, verb: Verb, target: Account, wanted: Role, denied: Denied): Outcome {
  const attemptedAction =
    verb === 'revoke' ? 'REVOKE_ROLE' : attemptedChange(verb, verb === 'promote' ? wanted : denied.current)
  const text = denialText(texts, verb, target, wanted, denied)
  return { kind: 'denied', text, attemptedAction, reason: denied.reason, target }
}

const denialText = (
  { denied }: Texts,
  verb: Verb,
  target: Account,
  wanted: Role,
  { current, reason }: Denied,
): string =>
  ({
    ROLE_TOO_LOW: atLeast(current, 'ADMIN') ? denied.changeRoleOf(current) : denied.promoteTo(wanted),
    OWN_ROLE: verb === 'promote' ? denied.promoteSelf : denied.demoteSelf,
    LAST_OWNER: denied.lastOwner(target),
  })[reason]

/** What a denied change is called in the trail (document 002's names), by the role given or taken away. */
export function attemptedChange(direction: Direction, concerned: string): string {
  const isHigh = concerned === 'OWNER' || concerned === 'ADMIN'
  if (direction === 'promote') return isHigh ? `PROMOTE_TO_${concerned}` : 'PROMOTE_USER'
  return isHigh ? `DEMOTE_${concerned}` : 'DEMOTE_USER'
}
