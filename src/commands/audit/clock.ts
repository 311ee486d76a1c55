import { auditEvent } from '../../audit/entry/entry.ts'
import { leftOf } from '../../audit/remove/clock-count.repository.ts'
import { trustClock } from '../../audit/remove/clock-trust.ts'
import type { AuditTransaction } from '../../audit/write/change.ts'
import { doubtInForce } from '../../audit/write/clock-doubt.repository.ts'
import { actedBy } from '../acted-by.ts'
import { word } from '../arguments/word.ts'
import { type CommandContext, type Commit, defineCommand } from '../command.ts'
import { notesToOwners } from '../owners.ts'

const today = word({
  placeholder: '[YYYY-MM-DD]',
  pattern: /^\d{4}-\d{2}-\d{2}$/,
  absent: '',
  problem: (texts) => texts.clock.notADay,
})

export const clockCommand = defineCommand({
  words: ['audit', 'clock'],
  role: 'OWNER',
  summary:
    'What the clock says, and whether that is in doubt: then nothing is removed by age. With the date of today you confirm it.',
  examples: ['audit clock'],
  sensitive: true,
  arguments: { today },
  attemptedAction: () => 'CONFIRM_CLOCK',
  denial: (texts) => texts.clock.denied,
  run: async (context, { today }) => (today === '' ? show(context) : confirm(context, today)),
})

const show =
  (context: CommandContext): Commit =>
  async (tx, { actor, place }) => {
    await tx.append(auditEvent('AUDIT_LOG_VIEWED', actor, place, { filters: { view: 'clock' } }))
    return { kind: 'answered', text: await stateOf(context, tx) }
  }

/** The date is typed, not repeated: who only says yes may have looked at another clock, or at none. */
function confirm(context: CommandContext, today: string): Commit {
  const { texts, time, clock } = context
  return async (tx, { actor, place }) => {
    const now = time(new Date(clock.now()))
    if (!now.startsWith(today))
      return { kind: 'usage', text: [texts.clock.title(now), texts.clock.otherDay(today)].join('\n') }
    const doubt = (await tx.isClockTrusted()) ? undefined : await doubtInForce(tx.db)
    if (doubt === undefined) return { kind: 'answered', text: await stateOf(context, tx) }
    await trustClock(tx, doubt, 'owner', { actor, place })
    const text = texts.clock.confirmed(now, actedBy(actor, texts))
    return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
  }
}

async function stateOf({ texts, time, clock, prefix }: CommandContext, tx: AuditTransaction): Promise<string> {
  const title = texts.clock.title(time(new Date(clock.now())))
  const doubt = (await tx.isClockTrusted()) ? undefined : await doubtInForce(tx.db)
  if (doubt === undefined) return [title, texts.clock.trusted].join('\n')
  return [title, texts.clock.doubted(doubt, time(doubt.saidAt), await leftOf(tx, doubt), prefix)].join('\n')
}
