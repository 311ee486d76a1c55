import { closest, distance } from 'fastest-levenshtein'
import { keyword } from '../../kernel/keyword.ts'
import type { Setting } from '../../settings/setting.ts'
import type { CommandContext, Outcome } from '../command.ts'

/** What somebody hears who named no setting. What they typed is not repeated: it may be a secret in the wrong place. */
export function noSuchSetting({ settings, texts, prefix }: CommandContext, typed: string): Outcome {
  const names = settings.all.map(({ name }) => name)
  const meant = keyword(typed)
  const nearest = closest(meant, names)
  const isNear = distance(meant, nearest) * 2 <= nearest.length
  return { kind: 'usage', text: texts.settings.unknown(prefix, isNear ? nearest : undefined) }
}

/** A value as a person reads it. */
export function inWords(value: unknown, { settings: { words } }: CommandContext['texts']): string {
  if (typeof value === 'boolean') return value ? words.on : words.off
  if (value === null || value === undefined) return words.none
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What is set, for who may see everything but secrets. */
export function shownValue(
  setting: Setting,
  input: { readonly input: unknown } | undefined,
  texts: CommandContext['texts'],
) {
  if (setting.secret) return input === undefined ? texts.settings.words.notSet : texts.settings.words.secret
  return inWords(input === undefined ? setting.fallback : input.input, texts)
}
