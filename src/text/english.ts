import { literal } from './markup.ts'

const number = (n: number): string => n.toLocaleString('en')
const days = (n: number): string => (n === 1 ? '1 day' : `${n} days`)

/**
 * Every sentence that a chat may see, in English and WhatsApp markup. Arguments that a person may have written
 * are made harmless here, so no caller can forget to.
 */
export const english = {
  audit: {
    listTitle: (n: number, shown: number) => `📋 *Audit Logs (${days(n)}) - Last ${shown} entries*`,
    olderTitle: (n: number, shown: number) => `📋 *Audit Logs (${days(n)}) - ${shown} older entries*`,
    userTitle: (phone: string) => `📋 *Audit Logs for ${phone}*`,
    categoryTitle: (category: string) => `📋 *Audit Logs - ${category} Category*`,
    mineTitle: '📋 *Audit Logs about you*',
    found: (count: string) => `Found ${count} entries`,
    aboutThem: (count: string) => `+ ${count} about them`,
    entry: (entry: { action: string; category: string; time: string; actor: string; description: string }) =>
      `*${literal(entry.action)}* - ${entry.category}\n📅 ${entry.time}\n👤 ${entry.actor}\n📝 ${literal(entry.description, 160)}\n---`,
    noneInDays: (n: number) => `No audit logs found for the last ${days(n)}.`,
    noneForPhone: (phone: string) => `No audit logs found for ${phone}.`,
    noneForCategory: (category: string) => `No audit logs found for category: ${category}`,
    noneForYou: 'No audit logs about you.',
    whyEmpty: 'The audit log has no entries yet.',
    whyRange: (newest: string) => `The newest entry is from ${newest}.`,
    whyFilter: 'The log has other entries, but none that match.',
    exporting: (n: number) => `📦 Exporting audit logs for the last ${days(n)}...`,
    exported: (records: number, n: number) =>
      `✅ *Audit Log Export Complete*\n📊 Total Records: ${records}\n📅 Date Range: Last ${days(n)}`,
    more: (prefix: string) => `_Send *more* or ${literal(prefix)} more for older entries._`,
  },
  actor: {
    line: (phone: string, name: string | null, role: string) =>
      `${literal(phone)}${name === null ? '' : ` ${literal(name, 24)}`} (${literal(role)})`,
    /** Somebody typed this in another person's place: shown wherever the person is. */
    typedBy: (operator: string) => ` ⌨️ typed by ${literal(operator, 40)}`,
  },
  role: {
    listTitle: '👥 *User Roles Summary*',
    listGroup: (role: string, count: number) => `*${role}S (${count}):*`,
    listUser: (phone: string, name: string | null) => `• ${phone}${name === null ? '' : ` ${literal(name, 24)}`}`,
    listRest: (count: number) => `_...and ${count} more_`,
    listTotal: (count: number) => `*Total Users: ${count}*`,
    info: (user: Info) =>
      [
        '👤 *User Information*',
        '',
        `📞 Phone: ${user.phone}`,
        ...(user.name === null ? [] : [`🏷️ Name: ${literal(user.name)}`]),
        `🎭 Role: ${user.role}`,
        `${user.whitelisted ? '✅ Whitelisted: Yes' : '▫️ Whitelisted: No'}`,
        `📅 Created: ${user.created}`,
        ...(user.blocked === undefined ? [] : [`⛔ Blocked ${user.blocked}`]),
        '',
        '*Permissions:*',
        ...(PERMISSIONS[user.role] ?? []).map((line) => `• ${line}`),
      ].join('\n'),
    changed: (phone: string, from: string, to: string, actor: string) =>
      `✅ *Role Change Successful*\n\n👤 User: ${phone}\n📊 ${from === 'NONE' ? 'new' : from} → ${to}\n✏️ Changed by: ${actor}`,
    ownerNote: (phone: string, from: string, to: string, actor: string) =>
      `🔔 *${phone} is now ${to}*\n📊 ${from === 'NONE' ? 'new' : from} → ${to}\n✏️ Changed by: ${actor}`,
    stillBlocked: '⛔ They are blocked, and stay so until they are unblocked.',
    unchanged: (phone: string, role: string) => `ℹ️ ${phone} already has the role ${role}. Nothing was changed.`,
    wrongDirection: (phone: string, role: string, command: string) =>
      `${phone} is ${role === 'NONE' ? 'new' : role}. To do that, send: ${literal(command, 120)}`,
    notFound: (phone: string) => `User not found: ${phone}`,
    confirmed: (phone: string, account: string, actor: string) =>
      `✅ *Identity Confirmed*\n\n👤 User: ${phone}\n🪪 Account: ${literal(account, 40)}\n✏️ Confirmed by: ${actor}`,
    nothingToConfirm: (phone: string) => `No other account has appeared as ${phone}. There is nothing to confirm.`,
    severalClaims: (phone: string, commands: readonly (readonly [command: string, time: string])[]) =>
      [
        `Several accounts have appeared as ${phone}. Ask which is the right one, then send one of these:`,
        ...commands.map(([command, time]) => `• ${literal(command, 120)} (${time})`),
      ].join('\n'),
    identityNote: (phone: string, command: string) =>
      `🚨 *Another account than before writes as ${phone}*\nIt may be a new telephone, or a number that now belongs to somebody else. Nothing it asks is done.\nOnly if you are sure that it is the same person, send: ${literal(command, 120)}`,
  },
  access: {
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
  },
  settings: {
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
  },
  confirm: {
    ask: (what: string, by: string, command: string) =>
      `🔐 *Confirmation needed*\n\n⚙️ ${what}\n✏️ Asked by: ${by}\n\nIf that is right, send within 5 minutes: ${literal(command)}\nIf not, do nothing.`,
    askedOthers: (what: string, count: number) =>
      `🔐 *Confirmation needed*\n\n⚙️ ${what}\n\nI have asked the other ${count === 1 ? 'OWNER' : `${count} OWNERs`}: one of them has to confirm within 5 minutes.`,
    nobodyElse: (what: string) =>
      `❌ ${what}\n\nThat takes another OWNER to confirm it, and none can at the moment: they are blocked, or their account is in doubt. Nothing was changed.`,
    changedSince: (what: string) =>
      `The setting has been changed since you were asked about: ${what}. Ask for it again.`,
    noSuchCode: 'That code is not valid for you, or no longer: a code works once, within 5 minutes.',
    mayNoLonger: 'Who asked for that may no longer ask for it. Nothing was changed.',
  },
  why: {
    answer: (of: Why) =>
      [
        `🔎 *${of.phone} (${of.role})*`,
        `${literal(of.command, 200)}: ${of.allowed ? '✅ *allowed*' : '⛔ *not allowed*'}`,
        `📏 ${of.rule}`,
        ...(of.note === undefined ? [] : [`⏳ ${of.note}`]),
        ...(of.isPartial ? ['_I could not read what follows the command, so only the role was looked at._'] : []),
        ...(of.hasClaim
          ? ['🚨 Another account than before has appeared as this number; from that one nothing is allowed.']
          : []),
      ].join('\n'),
    role: (role: string) =>
      `It requires ${role}${role === 'OWNER' ? '' : ' or higher'}, and nothing else is in the way.`,
    roleTooLow: (least: string, role: string) =>
      `It requires ${least}${least === 'OWNER' ? '' : ' or higher'}; their role is ${role}.`,
    blocked: (until: string | undefined) => `They are blocked until ${until ?? 'somebody unblocks them'}.`,
    notWhitelisted: 'Whitelist mode is on, and they are not on the whitelist.',
    unknownSetting: 'There is no such setting.',
    confirmed: 'A change that may cost something has to be confirmed, and takes effect after 7 days.',
    unknownCommand: 'I know no such command. Write it as it would be sent, for example: audit list',
  },
  stats: {
    answer: (of: Stats) =>
      [
        `📊 *Audit Statistics (${days(of.days)})*`,
        `Total: ${number(of.total)}`,
        ...of.categories.map(({ name, count }) => `• ${name}: ${number(count)}`),
        ...(of.actions.length === 0 ? [] : ['', '*Most frequent actions*']),
        ...of.actions.map(({ name, count }) => `• ${literal(name)}: ${number(count)}`),
        ...(of.actors.length === 0 ? [] : ['', '*Most active*']),
        ...of.actors.map(({ name, count }) => `• ${name}: ${number(count)}`),
        ...(of.offHours === undefined ? [] : ['', `🌙 Off-hours (${of.offHours.hours}): ${number(of.offHours.count)}`]),
      ].join('\n'),
    actor: (phone: string, name: string | undefined) =>
      `${literal(phone)}${name === undefined ? '' : ` ${literal(name, 24)}`}`,
    chartTitle: (n: number) => `Audit log, ${days(n)}`,
    chartSubtitle: (total: number, timeZone: string) =>
      `${number(total)} ${total === 1 ? 'entry' : 'entries'} · days of ${timeZone}`,
    preview: (line: string, from: string, to: string) => `${from} ${line} ${to}`,
  },
  denied: {
    viewAudit: "❌ You don't have permission to view audit logs. This command requires ADMIN role or higher.",
    exportAudit: "❌ You don't have permission to export audit logs. This command requires OWNER role.",
    roles: "❌ You don't have permission to manage roles. This command requires ADMIN role or higher.",
    anything: "❌ You don't have permission to use these commands. Ask an OWNER to add you.",
    users: "❌ You don't have permission to manage users. This command requires OPERATOR role or higher.",
    whitelist: "❌ You don't have permission to manage the whitelist. This command requires ADMIN role or higher.",
    settings: "❌ You don't have permission to manage settings. This command requires ADMIN role or higher.",
    setting: (name: string, role: string) =>
      `❌ Only ${role}${role === 'OWNER' ? '' : ' or higher'} can change ${name}.`,
    confirmCommand: "❌ You don't have permission to confirm commands. This command requires OWNER role.",
    accessOf: (role: string, least: string) =>
      `❌ Only ${least}${least === 'OWNER' ? '' : ' or higher'} can do that to ${role === 'OWNER' || role === 'ADMIN' || role === 'OPERATOR' ? `an ${role}` : 'somebody'}.`,
    blockedByHigher: (phone: string) =>
      `❌ Somebody with a higher role than yours blocked ${phone}. Ask an ADMIN or OWNER.`,
    blockSelf: '❌ You cannot block yourself.',
    lastOwnerBlock: (phone: string) => `❌ ${phone} is the last OWNER who can act, and cannot be blocked.`,
    confirm: "❌ You don't have permission to confirm identities. This command requires OWNER role.",
    identityUnverified: "❌ I can't check right now whether it is you. Please try again in a few minutes.",
    identityChanged:
      "❌ Your account is not the one that I know for this number, so I can't be sure that it is you. An OWNER can confirm it.",
    promoteTo: (role: string) => `❌ Only OWNER can promote users to ${role} role.`,
    changeRoleOf: (role: string) => `❌ Only OWNER can change the role of an ${role}.`,
    demoteSelf: '❌ You cannot demote yourself. Ask another admin or owner.',
    promoteSelf: '❌ You cannot promote yourself. Ask another admin or owner.',
    lastOwner: (phone: string) => `❌ ${phone} is the last OWNER. Make somebody else OWNER first.`,
  },
  arguments: {
    days: 'Invalid number of days. Please provide a number between 1 and 365.',
    category: 'Invalid category. Valid categories: AUTH, CONFIG, ADMIN, SECURITY',
    role: 'Invalid role. Valid roles: OWNER, ADMIN, OPERATOR, USER',
    phone: (typed: string) =>
      `"${literal(typed, 30)}" is not a phone number. Please use the international form, for example +1234567890.`,
    mention: (typed: string) => `I can't tell whose number ${literal(typed, 30)} is. Please type the phone number.`,
    duration:
      'Please say how long in numbers and units, from a minute to a year: for 30m, for 2h, for 3 days. To begin a reason with "for", put the reason in quotes.',
    reason: 'Please keep the reason to at most 200 characters.',
    settingKey: 'Please provide the key of a setting.',
    value: 'Please provide a value of at most 1000 characters.',
    code: 'The code has six digits, as I sent it.',
    commandMissing: 'Please provide a command, as it would be sent.',
    accountCode: 'The code is a # and four letters or digits, as I sent it.',
    phoneMissing: 'Please provide a phone number.',
    roleMissing: 'Please provide a role: OWNER, ADMIN, OPERATOR or USER.',
    categoryMissing: 'Please provide a category: AUTH, CONFIG, ADMIN or SECURITY.',
    tooMany: (word: string | undefined) =>
      `I don't understand ${word === undefined ? 'what is' : `"${literal(word, 30)}"`} at the end of that.`,
    usage: (usage: string) => `Usage: ${literal(usage, 200)}`,
  },
  help: {
    title: (topic: string) => `ℹ️ *${literal(topic, 200)}*`,
    intro: 'You can send:',
    line: (usage: string, summary: string) => `• ${literal(usage, 200)}\n   ${summary}`,
    examples: 'For example:',
    requires: (role: string) => `Requires ${role}${role === 'OWNER' ? '' : ' or higher'}.`,
    hint: (prefix: string) => `Add *help* to any command to learn more, as in ${literal(prefix)} audit help`,
    unknown: (word: string, prefix: string) =>
      `I don't know "${literal(word, 30)}". Send ${literal(prefix)} help for the commands.`,
    didYouMean: (usage: string) => `Did you mean: ${literal(usage, 200)}`,
    nothingMore: 'There is nothing more to show.',
  },
  chat: {
    sentInPrivate: '🔒 I sent you the answer in private.',
    fileNotSent: '❌ The file could not be sent. Please try again.',
    wasAway: '💤 I was away. Please send that again.',
    sentAgain: (text: string) => `🔁 _Sent again:_\n${text}`.trimEnd(),
    writeToMeFirst: '🔒 I can only answer this in private, and could not reach you. Please write to me first.',
  },
}

export type Texts = typeof english

interface Info {
  readonly phone: string
  readonly name: string | null
  readonly role: string
  readonly whitelisted: boolean
  readonly created: string
  /** Until when. */
  readonly blocked: string | undefined
}

interface Status {
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

interface SettingDetail {
  readonly name: string
  readonly summary: string
  readonly value: string
  readonly fallback: string
  readonly takes: string
  readonly role: string
  readonly example: string
  readonly later?: { readonly value: string; readonly at: string }
}

interface Why {
  readonly phone: string
  readonly role: string
  readonly command: string
  readonly rule: string
  readonly allowed: boolean
  /** What else has to happen. */
  readonly note: string | undefined
  /** Whether only the role could be judged. */
  readonly isPartial: boolean
  readonly hasClaim: boolean
}

interface Counted {
  readonly name: string
  readonly count: number
}

interface Stats {
  readonly days: number
  readonly total: number
  readonly categories: readonly Counted[]
  readonly actions: readonly Counted[]
  readonly actors: readonly Counted[]
  readonly offHours?: { readonly hours: string; readonly count: number }
}

const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  OWNER: [
    'Manage all roles',
    'View and export audit logs',
    'View all users',
    'Block anybody',
    'Manage whitelist',
    'Configure all bot settings',
  ],
  ADMIN: [
    'Manage OPERATOR and USER roles',
    'View audit logs (read-only)',
    'View all users',
    'Block OPERATORs and USERs',
    'Manage whitelist',
    'Configure bot settings',
  ],
  OPERATOR: ['Block USERs', 'View audit logs about themselves'],
  USER: ['View audit logs about themselves'],
}
