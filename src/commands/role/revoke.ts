import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'
import { change, judgeChange } from './change.ts'

export const revoke = defineCommand({
  words: ['role', 'revoke'],
  role: 'ADMIN',
  summary: 'In an emergency: take away every role at once, leaving USER. Owners are told.',
  examples: ['role revoke +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'REVOKE_ROLE',
  denial: (texts) => texts.denied.roles,
  judge: (context, { phone }, asker) => judgeChange(context, 'revoke', phone, 'USER', asker),
  run: async (context, { phone }) => change(context, 'revoke', phone, 'USER'),
})
