import type { Argument } from '../argument.ts'
import { word } from './word.ts'

const key = {
  pattern: /^.{1,60}$/u,
  problem: (texts: Parameters<Argument['missing']>[0]) => texts.arguments.settingKey,
}

export const settingKey: Argument<string> = word({ ...key, placeholder: '<key>' })

/** Empty where it was left out. */
export const anySettingKey: Argument<string> = word({ ...key, placeholder: '[key]', absent: '' })
