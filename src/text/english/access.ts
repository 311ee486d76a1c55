import { literal, named, whom } from '../markup.ts'
import { accountLine } from './account-line.ts'

type Status = {
  readonly account: string
  readonly name: string | null
  readonly role: string
  readonly whitelisted: boolean
  readonly whitelistMode: boolean
  readonly block:
    | {
        readonly until: string | undefined
        readonly reason: string | null
        readonly by: string
        readonly since: string
      }
    | undefined
}

/** Who is let in, kept out or slowed down. */
export const access = {
  until: (until: string | undefined) => `until ${until ?? 'somebody unblocks them'}`,
  blocked: (until: string | undefined) =>
    until === undefined
      ? '⛔ You are blocked from using this bot.'
      : `⛔ You are blocked from using this bot until ${until}.`,
  notWhitelisted: '⛔ This bot is only for people on its whitelist. Ask an admin to add you.',
  limited: (wait: string) => `⏳ That was too fast. Please wait ${wait}.`,
  busy: (wait: string) => `⏳ Very many people are writing just now. Please wait ${wait}.`,
  blockedUser: (of: { account: string; until: string | undefined; reason: string; by: string }) =>
    [
      '⛔ *User Blocked*',
      '',
      `👤 User: ${whom(of.account)}`,
      `⏱️ Until: ${of.until ?? 'somebody unblocks them'}`,
      ...(of.reason === '' ? [] : [`📝 Reason: ${literal(of.reason, 200)}`]),
      `✏️ Blocked by: ${of.by}`,
    ].join('\n'),
  unblocking: (account: string) => `Unblock the OWNER ${whom(account)}, whom another OWNER blocked`,
  blockingAgain: (account: string, until: string | undefined) =>
    `Block the OWNER ${whom(account)} until ${until ?? 'somebody unblocks them'}, in place of another OWNER's block`,
  unblockedUser: (account: string, by: string) =>
    `✅ *User Unblocked*\n\n👤 User: ${whom(account)}\n✏️ Unblocked by: ${by}`,
  blockEnded: (account: string, other: string, by: string) =>
    `🔔 *A block has ended*\n👤 ${whom(account)} turned out to have the account ${whom(other)}, which ${whom(by)} had blocked and who may not block them.`,
  notBlocked: (account: string) => `ℹ️ ${whom(account)} is not blocked. Nothing was changed.`,
  status: (of: Status) =>
    [
      '🚦 *User Status*',
      '',
      accountLine(of.account),
      ...(of.name === null ? [] : [`🏷️ Name: ${named(of.name, 60)}`]),
      `🎭 Role: ${of.role === 'NONE' ? 'none (unknown)' : of.role}`,
      `${of.whitelisted ? '✅ Whitelisted: Yes' : '▫️ Whitelisted: No'}${of.whitelistMode ? ' (whitelist mode is on)' : ''}`,
      ...(of.block === undefined
        ? ['✅ Blocked: No']
        : [
            `⛔ Blocked: until ${of.block.until ?? 'somebody unblocks them'}`,
            ...(of.block.reason === null ? [] : [`📝 Reason: ${literal(of.block.reason, 200)}`]),
            `✏️ Blocked by: ${whom(of.block.by)}, ${of.block.since}`,
          ]),
    ].join('\n'),
  whitelistTitle: (isOn: boolean) =>
    `📃 *Whitelist*\n${isOn ? 'Whitelist mode is on: only these, ADMINs and OWNERs may use the bot.' : 'Whitelist mode is off: the list does not count.'}\n`,
  whitelistEmpty: '_Nobody is on it._',
  whitelistChanged: (account: string, added: boolean, by: string) =>
    `✅ *${added ? 'Added to' : 'Removed from'} the whitelist*\n\n👤 User: ${whom(account)}\n✏️ Changed by: ${by}`,
  whitelistUnchanged: (account: string, added: boolean) =>
    `ℹ️ ${whom(account)} is ${added ? 'already' : 'not'} on the whitelist. Nothing was changed.`,
  more: (prefix: string) => `_Send *more* or ${literal(prefix)} more for the next ones._`,
}
