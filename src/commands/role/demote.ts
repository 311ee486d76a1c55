import { person } from '../arguments/person.ts'
import { role } from '../arguments/role.ts'
import { defineCommand } from '../command.ts'
import { attemptedChange, change, judgeChange } from './change.ts'

export const demote = defineCommand({
  words: ['role', 'demote'],
  role: 'ADMIN',
  summary:
    'Give somebody a lower role. Nobody can demote themself, and the last OWNER stays. An OWNER takes another one to confirm it, or the one concerned.',
  examples: ['role demote +1234567890 USER'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person, role: role(['ADMIN', 'OPERATOR', 'USER']) },
  attemptedAction: () => attemptedChange('demote', 'USER'),
  denial: (texts) => texts.denied.roles,
  judge: (context, { target, role }, asker) => judgeChange(context, 'demote', target, role, asker),
  run: async (context, { target, role }) => change(context, 'demote', target, role),
})
