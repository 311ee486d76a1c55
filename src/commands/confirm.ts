import { auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { isAccount } from '../kernel/account.ts'
import { activeBlocks } from '../roles/block.repository.ts'
import { findPerson } from '../roles/person.ts'
import { atLeast } from '../roles/role.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import { effectiveRole, type User } from '../roles/user.ts'
import { word } from './arguments/word.ts'
import { type Command, type CommandContext, type Commit, defineCommand } from './command.ts'
import {
  type Confirmation,
  findConfirmation,
  hasChangedSince,
  isValid,
  OF_SETTINGS,
  sealOf,
  takeConfirmation,
} from './confirmation.repository.ts'
import { whyNotBy } from './confirmation.ts'

const code = word({ placeholder: '<code>', pattern: /^[0-9]{6}$/, problem: (texts) => texts.arguments.code })

export const confirmCommand = defineCommand({
  words: ['confirm'],
  role: 'OWNER',
  summary:
    'Carry out what was put off until it is confirmed, with the code that I sent you. A code works once, for 72 hours, or for 5 minutes where you asked for it yourself.',
  examples: ['confirm 493027'],
  sensitive: true,
  arguments: { code },
  attemptedAction: () => 'CONFIRM_COMMAND',
  denial: (texts) => texts.denied.confirmCommand,
  run: async (context, { code }) => {
    const { userId } = context.caller.actor
    return carryOut(context, userId, code)
  },
})

/** What somebody's code stands for, carried out as who asked for it would. `confirmer`: as codes are kept for them. */
export async function carryOut(context: CommandContext, confirmer: string | undefined, code: string): Promise<Commit> {
  const { reader, clock, texts } = context
  const found = confirmer === undefined ? undefined : await findConfirmation(reader, confirmer, code, clock.now())
  const command = found && context.command(found.command)
  const requestedBy = found && (await findUserById(reader, found.requestedBy))
  if (found === undefined || command === undefined || requestedBy === undefined)
    return async () => ({ kind: 'not-found', text: texts.confirm.noSuchCode })
  const isChanged = (tx: AuditTransaction) => hasChanged(tx, found)
  const commit = await command.run({ ...context, requestedBy, isChanged }, found.values as never)
  return async (tx, caller) => {
    const why = await whyNotBy(tx, caller.actor, requestedBy.id, context)
    if (why !== undefined) return { kind: 'not-found', text: texts.confirm[why] }
    const isTaken = isValid(found, clock.now()) && (await takeConfirmation(tx.db, found.requestId))
    if (!isTaken) return { kind: 'not-found', text: texts.confirm.noSuchCode }
    if (!(await mayStillAsk(tx, command, found, requestedBy, context)))
      return { kind: 'not-found', text: texts.confirm.mayNoLonger }
    // Of a setting the command says more.
    if (!OF_SETTINGS.includes(found.command) && (await isChanged(tx)))
      return { kind: 'usage', text: texts.confirm.changed(found.what) }
    const { requestSeq: request, subject } = found
    const given = { request, command: found.command, subject, requestedBy: requestedBy.account, seal: sealOf(found) }
    await tx.append(auditEvent('CONFIRMATION_GIVEN', caller.actor, caller.place, given))
    return commit(tx, caller)
  }
}

/** Whether what a request is about has changed since, by whichever name. */
async function hasChanged({ db }: AuditTransaction, request: Confirmation): Promise<boolean> {
  const { subject } = request
  if (!isAccount(subject)) return hasChangedSince(db, { userId: undefined, ids: [subject] }, request)
  const { userId, accounts } = await findPerson(db, subject)
  return hasChangedSince(db, { userId, ids: [subject, ...accounts] }, request)
}

/** Who asked may have lost the role since, which is when it matters most. */
async function mayStillAsk(
  { db }: AuditTransaction,
  command: Command,
  { values }: Confirmation,
  { id, account }: User,
  context: CommandContext,
): Promise<boolean> {
  const { clock } = context
  const role = effectiveRole(await findUserById(db, id))
  const isBlocked = (await activeBlocks(db, await findPerson(db, account), clock.now())).length > 0
  if (!atLeast(role, command.role) || isBlocked) return false
  const judgement = await command.judge?.(context, values as never, account, role)
  return judgement?.allowed ?? true
}
