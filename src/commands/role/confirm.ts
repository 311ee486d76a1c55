import { findHold } from '../../audit/remove/hold.repository.ts'
import type { Account } from '../../kernel/account.ts'
import { DAY } from '../../kernel/clock.ts'
import { isPhone } from '../../kernel/phone.ts'
import { endUnentitled } from '../../roles/access-service.ts'
import { activeBlocks } from '../../roles/block.repository.ts'
import { type Claim, claimsOf, removeClaims } from '../../roles/claim.repository.ts'
import { type Confirmable, confirmAccount, replacedBy } from '../../roles/confirm-account.ts'
import { areSeveralOwners } from '../../roles/owners.ts'
import { findPerson } from '../../roles/person.ts'
import { findUser, findUserById } from '../../roles/stored-user.repository.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { actedBy } from '../acted-by.ts'
import { accountCode, codeOf } from '../arguments/account-code.ts'
import { person } from '../arguments/person.ts'
import { type CommandContext, defineCommand, type Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'
import { notesToOwners } from '../owners.ts'

/** Who appeared longer ago may be long forgotten, and not be whom the owner has in mind now. */
const VALID = DAY
/** So long another owner may take to confirm it. */
const VALID_ASKED = VALID + 3 * DAY

export const confirmIdentity = defineCommand({
  words: ['role', 'confirm'],
  role: 'OWNER',
  summary: 'Confirm that the new account of a number is the same person. Ask them in another way first.',
  examples: ['role confirm +1234567890', 'role confirm +1234567890 #3f9c'],
  sensitive: true,
  arguments: { target: person, code: accountCode },
  attemptedAction: () => 'CONFIRM_IDENTITY',
  denial: (texts) => texts.denied.confirm,
  run: async (context, { target, code }) => {
    const { clock, texts, requestedBy } = context
    return async (tx, caller) => {
      const { actor, place } = caller
      if (!isPhone(target)) return { kind: 'not-found', text: texts.role.nothingToConfirm(target) }
      const claims = await claimsOf(tx, target, clock.now(), requestedBy === undefined ? VALID : VALID_ASKED)
      const [claim, ...others] = claims.filter(({ account }) => code === '' || codeOf(account) === code)
      if (claim === undefined) return { kind: 'not-found', text: texts.role.nothingToConfirm(target) }
      if (others.length > 0) return askWhich(context, target, claims)
      const { account } = claim
      const user = await findUser(tx.db, target)
      const confirmable = { account, phone: target, userId: user?.id }
      const kept = await keptAccount(tx.db, confirmable, clock.now())
      if (kept !== undefined) return { kind: 'not-found', text: texts.role.isKept(kept) }
      const notBy = requestedBy === undefined ? await ownersConcerned(tx.db, confirmable) : []
      if (notBy.length > 0 && (await areSeveralOwners(tx.db))) {
        // Of several that appear meanwhile the one is meant that was asked about.
        const values = { target, code: codeOf(account) }
        const asked = { command: 'role confirm', values, subject: target, notBy }
        return askConfirmation(context, tx, caller, { ...asked, what: texts.role.confirmation(target, account) })
      }
      const now = new Date(clock.now())
      const by = { actor, place, requestedBy: requestedBy?.account }
      if (!(await confirmAccount(tx, { ...confirmable, ...by, now })))
        return { kind: 'not-found', text: texts.role.isSomebodyElse(account) }
      const ended = await endUnentitled(tx, account, await findPerson(tx.db, target), clock.now())
      await removeClaims(tx.db, target)
      const confirmed = texts.role.confirmed(target, account, actedBy(actor, texts, requestedBy))
      const lifted = ended && texts.access.blockEnded(target, account, ended.blockedBy)
      const text = [confirmed, lifted].filter(Boolean).join('\n')
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
    }
  },
})

/** The ids of owners who would get an account or lose one, and with it the way to act. */
async function ownersConcerned(db: WriteTransaction, confirmable: Confirmable): Promise<string[]> {
  const losing = (await replacedBy(db, confirmable)).map(({ userId }) => userId)
  const concerned = await Promise.all([...losing, confirmable.userId ?? ''].map((id) => findUserById(db, id)))
  return concerned.flatMap((user) => (user?.role === 'OWNER' ? user.id : []))
}

/** A hold or a block of an account is its person's: it must neither go to somebody else with the account nor be lost with it. */
async function keptAccount(db: WriteTransaction, confirmable: Confirmable, now: number): Promise<Account | undefined> {
  for (const { account } of await replacedBy(db, confirmable)) {
    const isBlocked = (await activeBlocks(db, { accounts: [account] }, now)).length > 0
    if (isBlocked || (await findHold(db, account)) !== undefined) return account
  }
  return undefined
}

/** Whoever appeared last may be the one who must not be let in. */
function askWhich({ prefix, texts, time }: CommandContext, target: string, claims: readonly Claim[]): Outcome {
  const commands = claims.map(
    ({ account, claimedAt }) => [`${prefix} role confirm ${target} ${codeOf(account)}`, time(claimedAt)] as const,
  )
  return { kind: 'usage', text: texts.role.severalClaims(target, commands) }
}
