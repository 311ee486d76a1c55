import type { AuditTransaction } from '../../audit/write/change.ts'
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
    if (invalid !== undefined) return { kind: 'usage', text: withWarning(context, asked, invalid) }
    const plan = await planChange(tx, asked, settings, clock)
    if (plan.isSame) return { kind: 'answered', text: texts.settings.unchanged(setting.name, inWords(plan.to, texts)) }
    if (plan.isDangerous && requestedBy === undefined) return confirmFirst(context, asked, plan, tx, caller)
    // What was confirmed is a change from one value to another.
    const isChanged = asked.values.from !== plan.from || (await context.isChanged(tx))
    if (requestedBy !== undefined && isChanged)
      return { kind: 'usage', text: texts.confirm.changedSince(inChange(texts, setting, plan)) }
    await changeSetting(tx, { setting, wanted, actor, place, requestedBy: requestedBy?.account }, plan, settings, clock)
    const text = withWarning(context, asked, changed(context, setting, plan, actedBy(actor, texts, requestedBy)))
    const notes = plan.isDangerous ? await notesToOwners(tx.db, text, [actor.userId], clock.now()) : []
    return { kind: 'answered', text, notes }
  }
}

/** Whether somebody of a role may change the setting of this name. */
export function judgeSetting({ settings, texts }: CommandContext, key: string, role: EffectiveRole): Judgement {
  const setting = settings.find(key)
  if (setting === undefined) return { allowed: true, note: texts.why.unknownSetting }
  if (!atLeast(role, setting.role)) return { allowed: false, text: texts.denied.setting(setting.name, setting.role) }
  return { allowed: true, role: setting.role, ...(setting.mayBeDangerous && { note: texts.why.confirmed }) }
}

const tooLow = (context: CommandContext, asked: Change): Outcome => ({
  kind: 'denied',
  text: withWarning(context, asked, context.texts.denied.setting(asked.setting.name, asked.setting.role)),
  attemptedAction: asked.command === 'set' ? 'CHANGE_SETTING' : 'RESET_SETTING',
  reason: 'ROLE_TOO_LOW',
})

/** Whatever came of it, the message that set a secret shows it. */
const withWarning = ({ texts }: CommandContext, { command, setting }: Change, text: string): string =>
  setting.secret && command === 'set' ? `${text}\n${texts.settings.deleteMessage}` : text

const inChange = (texts: CommandContext['texts'], { name }: Setting, { from, to }: SettingChange): string =>
  texts.settings.change(name, inWords(from, texts), inWords(to, texts))

function confirmFirst(
  context: CommandContext,
  { command, values, setting }: Change,
  plan: SettingChange,
  tx: AuditTransaction,
  caller: Caller,
): Promise<Outcome> {
  const what = inChange(context.texts, setting, plan)
  const asked = { command, values: { ...values, from: plan.from }, subject: setting.name, what }
  return askConfirmation(context, tx, caller, asked)
}

function changed({ texts, time }: CommandContext, setting: Setting, change: SettingChange, by: string): string {
  const what = inChange(texts, setting, change)
  const asOf = change.isDangerous ? time(change.effectiveAt) : undefined
  return texts.settings.changed({ what, by, asOf })
}
