import { auditEvent } from '../../audit/entry/entry.ts'
import { leftOf } from '../../audit/remove/clock-count.repository.ts'
import { trustClock } from '../../audit/remove/clock-trust.ts'
import type { AuditTransaction } from '../../audit/write/change.ts'
import { doubtInForce, lastDoubt, lastTrust, type SaidDoubt } from '../../audit/write/clock-doubt.repository.ts'
import { readHead } from '../../audit/write/trail.repository.ts'
import { HOUR } from '../../kernel/clock.ts'
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
    'What the clock says, and whether it is in doubt: then nothing is removed by age. With the date of today you confirm that it is right.',
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
  const { texts, time, clock, heard } = context
  return async (tx, { actor, place }) => {
    const now = time(new Date(clock.now()))
    if (!now.startsWith(today))
      return { kind: 'usage', text: [titleOf(context), texts.clock.otherDay(today)].join('\n') }
    const { apartBy } = heard
    if (apartBy !== undefined)
      return { kind: 'usage', text: [titleOf(context), texts.clock.against(apartBy)].join('\n') }
    const doubt = await doubtOf(tx)
    const trust = await lastTrust(tx.db)
    const since = doubt?.seq ?? (trust?.by === 'running' ? trust.since : undefined)
    if (since === undefined) return { kind: 'answered', text: await stateOf(context, tx) }
    await trustClock(tx, since, 'owner', { actor, place })
    const text = texts.clock.confirmed(now, actedBy(actor, texts))
    return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
  }
}

async function stateOf(context: CommandContext, tx: AuditTransaction): Promise<string> {
  const { texts, time, heard, prefix, clock } = context
  const doubt = await doubtOf(tx)
  if (doubt === undefined) {
    const { lastCreatedAt } = await readHead(tx.db)
    const isBehind = lastCreatedAt.getTime() - clock.now() > HOUR
    if (!isBehind) return [titleOf(context), texts.clock.trusted].join('\n')
    const canConfirm = (await lastTrust(tx.db))?.by === 'running'
    return [titleOf(context), texts.clock.behind(time(lastCreatedAt), canConfirm, prefix)].join('\n')
  }
  const isAgainst = heard.agrees() === false
  const left = isAgainst || doubt.reason === 'messages' ? undefined : await leftOf(tx, doubt)
  return [titleOf(context), texts.clock.doubted(doubt, time(doubt.saidAt), left, isAgainst, prefix)].join('\n')
}

const titleOf = ({ texts, time, clock, settings, own }: CommandContext): string =>
  texts.clock.title(time(new Date(clock.now())), settings.get(own.timeZone))

/** Why the clock is not trusted: where this process alone does not trust it, by the last doubt that there was. */
const doubtOf = async (tx: AuditTransaction): Promise<SaidDoubt | undefined> =>
  (await tx.isClockTrusted()) ? undefined : ((await doubtInForce(tx.db)) ?? lastDoubt(tx.db))
