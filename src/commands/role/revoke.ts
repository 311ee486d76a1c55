import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'
import { change, judgeChange } from './change.ts'

export const revoke = defineCommand({
  words: ['role', 'revoke'],
  role: 'ADMIN',
  summary:
    'In an emergency: take away every role at once, leaving USER. Owners are told. Of an OWNER another one has to confirm it: block them first.',
  examples: ['role revoke +1234567890'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person },
  attemptedAction: () => 'REVOKE_ROLE',
  denial: (texts) => texts.denied.roles,
  judge: (context, { target }, asker) => judgeChange(context, 'revoke', target, 'USER', asker),
  run: async (context, { target }) => change(context, 'revoke', target, 'USER'),
})
