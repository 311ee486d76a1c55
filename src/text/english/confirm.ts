import { literal, whom } from '../markup.ts'

const OPERATOR_DECIDES = 'Whoever runs the bot can decide it at the machine, with: chatwarden confirm'

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
