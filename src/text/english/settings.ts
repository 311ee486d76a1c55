import { literal } from '../markup.ts'

type SettingDetail = {
  readonly name: string
  readonly summary: string
  readonly value: string
  readonly fallback: string
  readonly takes: string
  readonly role: string
  readonly example: string
  readonly later?: { readonly value: string; readonly at: string }
}

export const settings = {
  words: { on: 'on', off: 'off', none: 'none', notSet: '(not set)', secret: '(secret)' },
  title: '⚙️ *Settings*\n',
  line: (name: string, value: string, isSet: boolean) =>
    `• ${name}: *${literal(value, 120)}*${isSet ? '' : ' _(default)_'}`,
  hint: (prefix: string) => `_Send ${literal(prefix)} get <key> for what one means._`,
  detail: (of: SettingDetail) =>
    [
      `⚙️ *${of.name}*`,
      literal(of.summary, 200),
      '',
      `Value: *${literal(of.value, 200)}*`,
      ...(of.later === undefined ? [] : [`From ${of.later.at} on: *${literal(of.later.value, 200)}*`]),
      `Default: ${literal(of.fallback, 200)}`,
      `Takes: ${literal(of.takes, 300)}`,
      `Requires: ${of.role}`,
      `Example: ${literal(of.example, 200)}`,
    ].join('\n'),
  unknown: (prefix: string, nearest: string | undefined) =>
    `There is no such setting.${nearest === undefined ? '' : ` Did you mean ${nearest}?`} Send ${literal(prefix)} get for all of them.`,
  invalid: (name: string, takes: string) => `That is no value for ${name}. It takes ${literal(takes, 300)}.`,
  unchanged: (name: string, value: string) => `ℹ️ ${name} is ${literal(value, 200)} already. Nothing was changed.`,
  change: (name: string, from: string, to: string) => `${name}: ${literal(from, 200)} → ${literal(to, 200)}`,
  deleteMessage: '🔑 Please delete your message: it shows the secret.',
  changed: (of: { what: string; by: string; asOf: string | undefined }) =>
    [
      '✅ *Setting Changed*',
      '',
      `⚙️ ${of.what}`,
      ...(of.asOf === undefined
        ? []
        : [`📅 Takes effect: ${of.asOf}. Until then nothing changes, and it can be set back.`]),
      `✏️ Changed by: ${of.by}`,
    ].join('\n'),
}
