import { phone } from '../arguments/phone.ts'
import { role } from '../arguments/role.ts'
import { defineCommand } from '../command.ts'
import { attemptedChange, change, judgeChange } from './change.ts'

export const demote = defineCommand({
  words: ['role', 'demote'],
  role: 'ADMIN',
  summary: 'Give somebody a lower role. Nobody can demote themself, and the last OWNER stays.',
  examples: ['role demote +1234567890 USER'],
  sensitive: true,
  arguments: { phone, role: role(['ADMIN', 'OPERATOR', 'USER']) },
  attemptedAction: () => attemptedChange('demote', 'USER'),
  denial: (texts) => texts.denied.roles,
  judge: (context, { phone, role }, asker) => judgeChange(context, 'demote', phone, role, asker),
  run: async (context, { phone, role }) => change(context, 'demote', phone, role),
})
