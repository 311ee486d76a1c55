import { person } from '../arguments/person.ts'
import { role } from '../arguments/role.ts'
import { defineCommand } from '../command.ts'
import { attemptedChange, change, judgeChange } from './change.ts'

export const promote = defineCommand({
  words: ['role', 'promote'],
  role: 'ADMIN',
  summary:
    'Give somebody a higher role, or add a new user. ADMIN and OWNER can only be given by an OWNER; where there are two or more, another one confirms a new OWNER.',
  examples: ['role promote +1234567890 OPERATOR'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person, role: role() },
  attemptedAction: (words) => attemptedChange('promote', words.at(-1)?.toUpperCase() ?? ''),
  denial: (texts) => texts.denied.roles,
  judge: (context, { target, role }, asker) => judgeChange(context, 'promote', target, role, asker),
  run: async (context, { target, role }) => change(context, 'promote', target, role),
})
