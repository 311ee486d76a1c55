import { literal, whom } from '../markup.ts'

const OPERATOR_DECIDES = 'Whoever runs the bot can decide it at the machine, with: chatwarden confirm'

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

/** Why an owner can't confirm. */
export type Unable = 'blocked' | 'new' | 'concerned' | 'in-doubt' | 'elsewhere'
const UNABLE: Readonly<Record<Unable, string>> = {
  blocked: 'is blocked',
  new: 'became OWNER less than 24 hours ago',
  concerned: 'is concerned',
  'in-doubt': 'has an account that is in doubt',
  elsewhere: 'can’t be written to from here',
}

export const confirm = {
  ask: (what: string, by: string, command: string, isAlone: boolean) =>
    `🔐 *Confirmation needed*\n\n⚙️ ${what}\n✏️ Asked by: ${by}\n\nIf that is right, send within ${isAlone ? '5 minutes' : '72 hours'}: ${literal(command)}\nIf not, do nothing.`,
  askedOthers: (what: string, accounts: readonly string[]) =>
    [
      '🔐 *Confirmation needed*',
      '',
      `⚙️ ${what}`,
      '',
      `I have asked ${accounts.length === 1 ? 'the other OWNER' : `${accounts.length} other OWNERs`}, ${accounts.slice(0, 5).map(whom).join(', ')}: ${accounts.length === 1 ? 'they have' : 'one of them has'} to confirm within 72 hours. Until then nothing changes.`,
      OPERATOR_DECIDES,
    ].join('\n'),
  nobodyElse: (what: string, others: readonly { readonly account: string; readonly why: Unable }[]) =>
    [
      `❌ ${what}`,
      '',
      'That takes another OWNER to confirm it, and none can at the moment. Nothing was changed.',
      ...others.slice(0, 5).map(({ account, why }) => `• ${whom(account)} ${UNABLE[why]}`),
      '',
      `For 72 hours: ${OPERATOR_DECIDES[0]?.toLowerCase()}${OPERATOR_DECIDES.slice(1)}`,
    ].join('\n'),
  remind: (what: string, by: string, command: string, until: string) =>
    `🔐 *Still to be confirmed*\n\n⚙️ ${literal(what, 200)}\n✏️ Asked by: ${whom(by)}\n\nIf that is right, send by ${until}: ${literal(command)}\nIf not, do nothing.`,
  unconfirmed: (what: string) =>
    `⌛ Nobody confirmed in 72 hours, so nothing was changed: ${literal(what, 200)}\nAsk for it again, and tell the other OWNERs.`,
  changedSince: (what: string) => `The setting has been changed since you were asked about: ${what}. Ask for it again.`,
  changed: (what: string) => `That has changed since it was asked for, so nothing was done: ${what}\nAsk for it again.`,
  tooLate: 'That time has passed since it was asked for. Nothing was changed.',
  noSuchCode:
    'That code is not valid for you, or no longer: a code works once, for 72 hours, or 5 minutes if you asked.',
  mayNoLonger: 'Who asked for that may no longer ask for it. Nothing was changed.',
  notAlone: 'There is another OWNER now, who has to confirm it. Please ask for it again. Nothing was changed.',
  newOwner: 'You became OWNER less than 24 hours ago, and can’t confirm anything yet. Nothing was changed.',
}
