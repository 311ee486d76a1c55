import { describeValues } from '../../settings/describe-values.ts'
import { readValue } from '../../settings/read-value.ts'
import { rest } from '../arguments/rest.ts'
import { settingKey } from '../arguments/setting-key.ts'
import { defineCommand } from '../command.ts'
import { change, judgeSetting } from './change.ts'
import { noSuchSetting } from './find.ts'

const value = rest({ placeholder: '<value>', limit: 1000, problem: (texts) => texts.arguments.value })

export const setSetting = defineCommand({
  words: ['set'],
  role: 'ADMIN',
  summary: 'Change a setting, everywhere within five seconds. Limits, modes, retention and secrets take an OWNER.',
  examples: ['set timezone Europe/Berlin', 'set rate-limit-user 30', 'set whitelist-mode on'],
  sensitive: true,
  arguments: { key: settingKey, value },
  attemptedAction: () => 'CHANGE_SETTING',
  denial: (texts) => texts.denied.settings,
  judge: async (context, { key }, _asker, role) => judgeSetting(context, key, role),
  run: async (context, values) => {
    const { settings, texts } = context
    const setting = settings.find(values.key)
    if (setting === undefined) return async () => noSuchSetting(context, values.key)
    const wanted = readValue(setting, values.value)
    const invalid = wanted === undefined ? texts.settings.invalid(setting.name, describeValues(setting)) : undefined
    return change(context, { command: 'set', values, setting, wanted, invalid })
  },
})
