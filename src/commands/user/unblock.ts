import { unblock } from '../../roles/access-service.ts'
import { actedBy } from '../acted-by.ts'
import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'
import { accessDenied, judgeAccessBy } from './access.ts'

export const unblockUser = defineCommand({
  words: ['user', 'unblock'],
  role: 'OPERATOR',
  summary: 'Let somebody who was blocked use the bot again.',
  examples: ['user unblock +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'UNBLOCK_USER',
  denial: (texts) => texts.denied.users,
  judge: (context, { phone }, asker) => judgeAccessBy(context, 'unblock', phone, asker),
  run: async (context, { phone }) => {
    const { clock, texts } = context
    return async (tx, { actor, place }) => {
      const result = await unblock(tx, { actor, place, target: phone }, clock)
      if (result.kind === 'denied') return accessDenied(context, 'UNBLOCK_USER', phone, result)
      if (result.kind === 'unchanged') return { kind: 'answered', text: texts.access.notBlocked(phone) }
      return { kind: 'answered', text: texts.access.unblockedUser(phone, actedBy(actor, texts)) }
    }
  },
})
