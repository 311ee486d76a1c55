import { ownerNamed, unblock } from '../../roles/access-service.ts'
import { actedBy } from '../acted-by.ts'
import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'
import { notesToOwners } from '../owners.ts'
import { accessDenied, askAnother, judgeAccessBy } from './access.ts'

export const unblockUser = defineCommand({
  words: ['user', 'unblock'],
  role: 'OPERATOR',
  summary: 'Let somebody who was blocked use the bot again.',
  examples: ['user unblock +1234567890'],
  sensitive: true,
  looksUp: true,
  arguments: { target: person },
  attemptedAction: () => 'UNBLOCK_USER',
  denial: (texts) => texts.denied.users,
  judge: (context, { target }, asker) => judgeAccessBy(context, 'unblock', target, asker),
  run: async (context, { target }) => {
    const { clock, texts, requestedBy } = context
    return async (tx, caller) => {
      const { actor, place } = caller
      const what = texts.access.unblocking(target)
      const asked = await askAnother(tx, context, caller, { change: 'unblock', target, values: { target }, what })
      if (asked !== undefined) return asked
      const result = await unblock(tx, { actor, place, target, requestedBy: requestedBy?.account }, clock)
      if (result.kind === 'denied') return accessDenied(context, 'UNBLOCK_USER', target, result)
      if (result.kind === 'unchanged') return { kind: 'answered', text: texts.access.notBlocked(target) }
      const text = texts.access.unblockedUser(target, actedBy(actor, texts, requestedBy))
      const isOwner = (await ownerNamed(tx, result.person)) !== undefined
      const notes = isOwner ? await notesToOwners(tx.db, text, [actor.userId], clock.now()) : []
      return { kind: 'answered', text, notes }
    }
  },
})
