import { auditEvent } from '../../audit/entry/entry.ts'
import { describeValues } from '../../settings/describe-values.ts'
import type { Setting } from '../../settings/setting.ts'
import { anySettingKey } from '../arguments/setting-key.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { noSuchSetting, shownValue } from './find.ts'

export const getSetting = defineCommand({
  words: ['get'],
  role: 'ADMIN',
  summary: 'All settings, or one with what it means and what it takes.',
  examples: ['get', 'get timezone'],
  sensitive: true,
  hidesInput: true,
  arguments: { key: anySettingKey },
  attemptedAction: () => 'VIEW_SETTINGS',
  denial: (texts) => texts.denied.settings,
  run: async (context, { key }) => {
    const { settings } = context
    // Another process may have changed one a moment ago.
    await settings.refresh()
    const setting = settings.find(key)
    if (key !== '' && setting === undefined) return async () => noSuchSetting(context, key)
    const { text, next } =
      setting === undefined ? listed(context) : { text: detailed(context, setting), next: undefined }
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('CONFIG_VIEWED', actor, place, { setting: setting?.name }))
      return { kind: 'answered', text, ...(next !== undefined && { position: next }) }
    }
  },
})

function listed({ settings, own, texts, prefix, position = '' }: CommandContext) {
  const size = settings.get(own.pageSize)
  const found = settings.all.filter(({ name }) => name > position)
  const shown = found.slice(0, size)
  const next = found.length > size ? shown.at(-1)?.name : undefined
  const lines = shown.map((setting) => {
    const { now, later } = settings.inForce(setting)
    return texts.settings.line(setting.name, shownValue(setting, now, texts), now !== undefined || later !== undefined)
  })
  const footer = next === undefined ? [texts.settings.hint(prefix)] : [texts.access.more(prefix)]
  return { text: [texts.settings.title, ...lines, ...footer].join('\n'), next }
}

function detailed({ settings, texts, time, prefix }: CommandContext, setting: Setting): string {
  const { name, summary, role, example } = setting
  const { now, later } = settings.inForce(setting)
  return texts.settings.detail({
    name,
    summary,
    value: shownValue(setting, now, texts),
    fallback: shownValue(setting, undefined, texts),
    takes: describeValues(setting),
    role,
    example: `${prefix} set ${name} ${example}`,
    ...(later && { later: { value: shownValue(setting, later.value, texts), at: time(later.at) } }),
  })
}
