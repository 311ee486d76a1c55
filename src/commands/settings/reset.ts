import { settingKey } from '../arguments/setting-key.ts'
import { defineCommand } from '../command.ts'
import { change, judgeSetting } from './change.ts'
import { noSuchSetting } from './find.ts'

export const resetSetting = defineCommand({
  words: ['reset'],
  role: 'ADMIN',
  summary: 'Put a setting back to its default.',
  examples: ['reset timezone'],
  sensitive: true,
  hidesInput: true,
  arguments: { key: settingKey },
  attemptedAction: () => 'RESET_SETTING',
  denial: (texts) => texts.denied.settings,
  judge: async (context, { key }, _asker, role) => judgeSetting(context, key, role),
  run: async (context, values) => {
    const setting = context.settings.find(values.key)
    if (setting === undefined) return async () => noSuchSetting(context, values.key)
    return change(context, { command: 'reset', values, setting, wanted: undefined })
  },
})
