import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'
import { judgeAccessBy } from '../user/access.ts'
import { changeWhitelist } from './change.ts'

export const addToWhitelist = defineCommand({
  words: ['whitelist', 'add'],
  role: 'ADMIN',
  summary: 'Put somebody on the whitelist, adding them as USER if they are new.',
  examples: ['whitelist add +1234567890'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person },
  attemptedAction: () => 'WHITELIST_ADD',
  denial: (texts) => texts.denied.whitelist,
  judge: (context, { target }, asker) => judgeAccessBy(context, 'whitelist', target, asker),
  run: async (context, { target }) => changeWhitelist(context, target, true),
})
