import { auditEvent } from '../../audit/entry/entry.ts'
import { DAY } from '../../kernel/clock.ts'
import { type Claim, claimsOf, removeClaims } from '../../roles/claim.repository.ts'
import { replacePins } from '../../roles/pin.repository.ts'
import { actedBy } from '../acted-by.ts'
import { accountCode, codeOf } from '../arguments/account-code.ts'
import { phone } from '../arguments/phone.ts'
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
  arguments: { phone, code: accountCode },
  attemptedAction: () => 'CONFIRM_IDENTITY',
  denial: (texts) => texts.denied.confirm,
  run: async (context, { phone, code }) => {
    const { clock, texts } = context
    return async (tx, { actor, place }) => {
      const claims = await claimsOf(tx.db, phone, new Date(clock.now() - VALID))
      const [claim, ...others] = claims.filter(({ account }) => code === '' || codeOf(account) === code)
      if (claim === undefined) return { kind: 'not-found', text: texts.role.nothingToConfirm(phone) }
      if (others.length > 0) return askWhich(context, phone, claims)
      const { account } = claim
      await replacePins(tx.db, account, phone, new Date(clock.now()))
      await removeClaims(tx.db, phone)
      await tx.append(auditEvent('IDENTITY_CONFIRMED', actor, place, { targetUser: phone, account }))
      const text = texts.role.confirmed(phone, account, actedBy(actor, texts))
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.phoneNumber], clock.now()) }
    }
  },
})

/** Whoever appeared last may be the one who must not be let in. */
function askWhich({ prefix, texts, time }: CommandContext, phone: string, claims: readonly Claim[]): Outcome {
  const commands = claims.map(
    ({ account, claimedAt }) => [`${prefix} role confirm ${phone} ${codeOf(account)}`, time(claimedAt)] as const,
  )
  return { kind: 'usage', text: texts.role.severalClaims(phone, commands) }
}
