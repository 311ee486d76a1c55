import { findHold } from '../../audit/remove/hold.repository.ts'
import type { Account } from '../../kernel/account.ts'
import { DAY } from '../../kernel/clock.ts'
import { isPhone } from '../../kernel/phone.ts'
import { endUnentitled } from '../../roles/access-service.ts'
import { activeBlocks } from '../../roles/block.repository.ts'
import { type Claim, claimsOf, removeClaims } from '../../roles/claim.repository.ts'
import { confirmAccount } from '../../roles/confirm-account.ts'
import { findLink } from '../../roles/link.repository.ts'
import { findPerson } from '../../roles/person.ts'
import { findUser } from '../../roles/stored-user.repository.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { actedBy } from '../acted-by.ts'
import { accountCode, codeOf } from '../arguments/account-code.ts'
import { person } from '../arguments/person.ts'
import { type CommandContext, defineCommand, type Outcome } from '../command.ts'
import { notesToOwners } from '../owners.ts'

/** Who appeared longer ago may be long forgotten, and not be whom the owner has in mind now. */
const VALID = DAY

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
    const { clock, texts } = context
    return async (tx, { actor, place }) => {
      if (!isPhone(target)) return { kind: 'not-found', text: texts.role.nothingToConfirm(target) }
      const claims = await claimsOf(tx.db, target, new Date(clock.now() - VALID))
      const [claim, ...others] = claims.filter(({ account }) => code === '' || codeOf(account) === code)
      if (claim === undefined) return { kind: 'not-found', text: texts.role.nothingToConfirm(target) }
      if (others.length > 0) return askWhich(context, target, claims)
      const { account } = claim
      const user = await findUser(tx.db, target)
      if (await isKept(tx.db, account, user?.id, clock.now()))
        return { kind: 'not-found', text: texts.role.isKept(account) }
      const now = new Date(clock.now())
      const confirmation = { account, phone: target, userId: user?.id, actor, place, now }
      if (!(await confirmAccount(tx, confirmation)))
        return { kind: 'not-found', text: texts.role.isSomebodyElse(account) }
      const ended = await endUnentitled(tx, account, await findPerson(tx.db, target))
      await removeClaims(tx.db, target)
      const confirmed = texts.role.confirmed(target, account, actedBy(actor, texts))
      const lifted = ended && texts.access.blockEnded(target, account, ended.blockedBy)
      const text = [confirmed, lifted].filter(Boolean).join('\n')
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
    }
  },
})

/** A hold or a block of an account is its person's: it must not go to somebody else with the account. */
async function isKept(
  db: WriteTransaction,
  account: Account,
  userId: string | undefined,
  now: number,
): Promise<boolean> {
  const link = await findLink(db, account)
  if (link === undefined || link.userId === userId) return false
  return (
    (await findHold(db, account)) !== undefined || (await activeBlocks(db, { accounts: [account] }, now)).length > 0
  )
}

/** Whoever appeared last may be the one who must not be let in. */
function askWhich({ prefix, texts, time }: CommandContext, target: string, claims: readonly Claim[]): Outcome {
  const commands = claims.map(
    ({ account, claimedAt }) => [`${prefix} role confirm ${target} ${codeOf(account)}`, time(claimedAt)] as const,
  )
  return { kind: 'usage', text: texts.role.severalClaims(target, commands) }
}
