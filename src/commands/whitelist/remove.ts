import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'
import { judgeAccessBy } from '../user/access.ts'
import { changeWhitelist } from './change.ts'

export const removeFromWhitelist = defineCommand({
  words: ['whitelist', 'remove'],
  role: 'ADMIN',
  summary: 'Take somebody off the whitelist.',
  examples: ['whitelist remove +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'WHITELIST_REMOVE',
  denial: (texts) => texts.denied.whitelist,
  judge: (context, { phone }, asker) => judgeAccessBy(context, 'whitelist', phone, asker),
  run: async (context, { phone }) => changeWhitelist(context, phone, false),
})
