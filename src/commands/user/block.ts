import { plainLine } from '../../kernel/plain-text.ts'
import { block, ownerNamed } from '../../roles/access-service.ts'
import { atLeast } from '../../roles/role.ts'
import { actedBy } from '../acted-by.ts'
import { type HowLong, howLong } from '../arguments/how-long.ts'
import { person } from '../arguments/person.ts'
import { MAX_REASON, reason } from '../arguments/reason.ts'
import { defineCommand } from '../command.ts'
import { notesToOwners } from '../owners.ts'
import { accessDenied, askAnother, judgeAccessBy } from './access.ts'

export const blockUser = defineCommand({
  words: ['user', 'block'],
  role: 'OPERATOR',
  summary: 'Keep somebody from using the bot, for some time or until they are unblocked. OPERATORs block USERs only.',
  examples: [
    'user block +1234567890',
    'user block +1234567890 for 3 days spamming',
    'user block +1234567890 until tomorrow 09:00',
  ],
  sensitive: true,
  looksUp: true,
  arguments: { target: person, howLong, reason },
  attemptedAction: () => 'BLOCK_USER',
  denial: (texts) => texts.denied.users,
  judge: (context, { target }, asker) => judgeAccessBy(context, 'block', target, asker),
  run: async (context, { target, howLong, reason: typed }) => {
    const { clock, texts, time, requestedBy } = context
    // As the entry will have it.
    const reason = plainLine(typed, MAX_REASON)
    const until = endOf(howLong, clock.now())
    const shown = until === null ? undefined : time(until)
    return async (tx, caller) => {
      const { actor, place } = caller
      const what = texts.access.blockingAgain(target, shown)
      const asked = await askAnother(tx, context, caller, {
        change: 'block',
        target,
        values: { target, howLong, reason: typed },
        what,
      })
      if (asked !== undefined) return asked
      // It may have been confirmed too late.
      if (until !== null && until.getTime() <= clock.now()) return { kind: 'usage', text: texts.confirm.tooLate }
      const request = { actor, place, target, requestedBy: requestedBy?.account }
      const result = await block(tx, request, { until, reason: reason === '' ? null : reason }, clock)
      if (result.kind === 'denied') return accessDenied(context, 'BLOCK_USER', target, result)
      const by = actedBy(actor, texts, requestedBy)
      const text = texts.access.blockedUser({ account: target, until: shown, reason, by })
      const owner = await ownerNamed(tx, result.person)
      const owners =
        owner !== undefined || atLeast(result.current, 'ADMIN')
          ? await notesToOwners(tx.db, text, [actor.userId, owner?.id, result.person.userId], clock.now())
          : []
      // An owner who is kept out is told at once: nobody is to be put aside unseen.
      const kept = owner === undefined ? [] : [{ account: target, text }]
      return { kind: 'answered', text, notes: [...owners, ...kept] }
    }
  },
})

function endOf(howLong: HowLong, now: number): Date | null {
  switch (howLong.kind) {
    case 'for':
      return new Date(now + howLong.milliseconds)
    case 'until':
      return new Date(howLong.moment)
    case 'forever':
      return null
  }
}
