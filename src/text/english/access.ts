import { literal } from '../markup.ts'

type Status = {
  readonly phone: string
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
  blockedUser: (of: { phone: string; until: string | undefined; reason: string; by: string }) =>
    [
      '⛔ *User Blocked*',
      '',
      `👤 User: ${of.phone}`,
      `⏱️ Until: ${of.until ?? 'somebody unblocks them'}`,
      ...(of.reason === '' ? [] : [`📝 Reason: ${literal(of.reason, 200)}`]),
      `✏️ Blocked by: ${of.by}`,
    ].join('\n'),
  unblockedUser: (phone: string, by: string) => `✅ *User Unblocked*\n\n👤 User: ${phone}\n✏️ Unblocked by: ${by}`,
  notBlocked: (phone: string) => `ℹ️ ${phone} is not blocked. Nothing was changed.`,
  status: (of: Status) =>
    [
      '🚦 *User Status*',
      '',
      `📞 Phone: ${of.phone}`,
      ...(of.name === null ? [] : [`🏷️ Name: ${literal(of.name)}`]),
      `🎭 Role: ${of.role === 'NONE' ? 'none (unknown)' : of.role}`,
      `${of.whitelisted ? '✅ Whitelisted: Yes' : '▫️ Whitelisted: No'}${of.whitelistMode ? ' (whitelist mode is on)' : ''}`,
      ...(of.block === undefined
        ? ['✅ Blocked: No']
        : [
            `⛔ Blocked: until ${of.block.until ?? 'somebody unblocks them'}`,
            ...(of.block.reason === null ? [] : [`📝 Reason: ${literal(of.block.reason, 200)}`]),
            `✏️ Blocked by: ${literal(of.block.by)}, ${of.block.since}`,
          ]),
    ].join('\n'),
  whitelistTitle: (isOn: boolean) =>
    `📃 *Whitelist*\n${isOn ? 'Whitelist mode is on: only these, ADMINs and OWNERs may use the bot.' : 'Whitelist mode is off: the list does not count.'}\n`,
  whitelistEmpty: '_Nobody is on it._',
  whitelistChanged: (phone: string, added: boolean, by: string) =>
    `✅ *${added ? 'Added to' : 'Removed from'} the whitelist*\n\n👤 User: ${phone}\n✏️ Changed by: ${by}`,
  whitelistUnchanged: (phone: string, added: boolean) =>
    `ℹ️ ${phone} is ${added ? 'already' : 'not'} on the whitelist. Nothing was changed.`,
  more: (prefix: string) => `_Send *more* or ${literal(prefix)} more for the next ones._`,
}
