import type { AuditTransaction } from '../../audit/audit-writer.ts'
import { atLeast, type EffectiveRole } from '../../roles/role.ts'
import { changeSetting, planChange, type SettingChange } from '../../settings/change-setting.ts'
import type { Setting } from '../../settings/setting.ts'
import { actedBy } from '../acted-by.ts'
import type { Caller, CommandContext, Commit, Judgement, Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'
import { notesToOwners } from '../owners.ts'
import { inWords } from './find.ts'

interface Change {
  readonly command: 'set' | 'reset'
  readonly values: Readonly<Record<string, unknown>>
  readonly setting: Setting
  readonly wanted: { readonly input: unknown } | undefined
  /** Why the value is none, for who may set it. */
  readonly invalid?: string | undefined
}

/** What `set` and `reset` have in common. */
export function change(context: CommandContext, asked: Change): Commit {
  const { settings, clock, texts, requestedBy } = context
  const { setting, wanted, invalid } = asked
  return async (tx, caller) => {
    const { actor, place, role } = caller
    if (!atLeast(role, setting.role)) return tooLow(context, asked)
    if (invalid !== undefined) return { kind: 'usage', text: invalid }
    const plan = await planChange(tx, asked, settings, clock)
    if (plan.isSame) return { kind: 'answered', text: texts.settings.unchanged(setting.name, inWords(plan.to, texts)) }
    if (plan.isDangerous && requestedBy === undefined) return confirmFirst(context, asked, plan, tx, caller)
    const done = await changeSetting(tx, { setting, wanted, actor, place, requestedBy }, settings, clock)
    const text = changed(context, setting, done, actedBy(actor, texts))
    const notes = done.isDangerous ? await notesToOwners(tx.db, text, [actor.phoneNumber], clock.now()) : []
    return { kind: 'answered', text, notes }
  }
}

/** Whether somebody of a role may change the setting of this name. */
export function judgeSetting({ settings, texts }: CommandContext, key: string, role: EffectiveRole): Judgement {
  const setting = settings.find(key)
  return setting === undefined || atLeast(role, setting.role)
    ? { allowed: true }
    : { allowed: false, text: texts.denied.setting(setting.name, setting.role) }
}

const tooLow = ({ texts }: CommandContext, { command, setting }: Change): Outcome => ({
  kind: 'denied',
  text: texts.denied.setting(setting.name, setting.role),
  attemptedAction: command === 'set' ? 'CHANGE_SETTING' : 'RESET_SETTING',
  reason: 'ROLE_TOO_LOW',
})

function confirmFirst(
  context: CommandContext,
  { command, values, setting }: Change,
  { from, to }: SettingChange,
  tx: AuditTransaction,
  caller: Caller,
): Promise<Outcome> {
  const { texts } = context
  const what = texts.settings.change(setting.name, inWords(from, texts), inWords(to, texts))
  return askConfirmation(context, tx, caller, { command, values, subject: setting.name, what })
}

function changed({ texts, time }: CommandContext, setting: Setting, change: SettingChange, by: string): string {
  const what = texts.settings.change(setting.name, inWords(change.from, texts), inWords(change.to, texts))
  const asOf = change.isDangerous ? time(change.effectiveAt) : undefined
  return texts.settings.changed({ what, by, asOf, isSecret: setting.secret })
}
