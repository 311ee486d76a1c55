import { auditEvent } from '../../audit/entry.ts'
import { confirmClaim } from '../../roles/pin.repository.ts'
import { realOwners } from '../../roles/user.repository.ts'
import { actedBy } from '../acted-by.ts'
import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'

export const confirm = defineCommand({
  words: ['role', 'confirm'],
  role: 'OWNER',
  summary: 'Confirm that the new account of a number is the same person. Ask them in another way first.',
  examples: ['role confirm +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'CONFIRM_IDENTITY',
  denial: (texts) => texts.denied.confirm,
  run:
    async ({ clock, texts }, { phone }) =>
    async (tx, { actor, place }) => {
      const account = await confirmClaim(tx.db, phone, new Date(clock.now()))
      if (account === undefined) return { kind: 'not-found', text: texts.role.nothingToConfirm(phone) }
      await tx.append(auditEvent('IDENTITY_CONFIRMED', actor, place, { targetUser: phone, account }))
      const text = texts.role.confirmed(phone, account, actedBy(actor, texts))
      const others = (await realOwners(tx.db)).filter((owner) => owner.phoneNumber !== actor.phoneNumber)
      return { kind: 'answered', text, notes: others.map((owner) => ({ phone: owner.phoneNumber, text })) }
    },
})
