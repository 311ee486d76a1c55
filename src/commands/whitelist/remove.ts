import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'
import { judgeAccessBy } from '../user/access.ts'
import { changeWhitelist } from './change.ts'

export const removeFromWhitelist = defineCommand({
  words: ['whitelist', 'remove'],
  role: 'ADMIN',
  summary: 'Take somebody off the whitelist.',
  examples: ['whitelist remove +1234567890'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person },
  attemptedAction: () => 'WHITELIST_REMOVE',
  denial: (texts) => texts.denied.whitelist,
  judge: (context, { target }, asker) => judgeAccessBy(context, 'whitelist', target, asker),
  run: async (context, { target }) => changeWhitelist(context, target, false),
})
