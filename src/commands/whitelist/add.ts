import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'
import { judgeAccessBy } from '../user/access.ts'
import { changeWhitelist } from './change.ts'

export const addToWhitelist = defineCommand({
  words: ['whitelist', 'add'],
  role: 'ADMIN',
  summary: 'Put somebody on the whitelist, adding them as USER if they are new.',
  examples: ['whitelist add +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'WHITELIST_ADD',
  denial: (texts) => texts.denied.whitelist,
  judge: (context, { phone }, asker) => judgeAccessBy(context, 'whitelist', phone, asker),
  run: async (context, { phone }) => changeWhitelist(context, phone, true),
})
