import type { Phone } from '../kernel/phone.ts'
import { certainForm } from '../kernel/phone-problem.ts'
import { access } from './english/access.ts'
import { accountLine } from './english/account-line.ts'
import { clock } from './english/clock.ts'
import { confirm } from './english/confirm.ts'
import { dataRequest } from './english/data-request.ts'
import { exported } from './english/export.ts'
import { filter } from './english/filter.ts'
import { howLong } from './english/how-long.ts'
import { days } from './english/numbers.ts'
import { phoneEnds } from './english/phone-ends.ts'
import { settings } from './english/settings.ts'
import { stats } from './english/stats.ts'
import { trail } from './english/trail.ts'
import { why } from './english/why.ts'
import { literal, named, whom } from './markup.ts'

/**
 * Every sentence that a chat may see, in English and WhatsApp markup. Arguments that a person may have written
 * are made harmless here, so no caller can forget to.
 */
export const english = {
  audit: {
    listTitle: (n: number, shown: number) => `📋 *Audit Logs (${days(n)}) - Last ${shown} entries*`,
    olderTitle: (n: number, shown: number) => `📋 *Audit Logs (${days(n)}) - ${shown} older entries*`,
    filteredTitle: (what: string, shown: number) => `📋 *Audit Logs (${what}) - ${shown} entries*`,
    userTitle: (account: string) => `📋 *Audit Logs for ${whom(account)}*`,
    categoryTitle: (category: string) => `📋 *Audit Logs - ${category} Category*`,
    mineTitle: '📋 *Audit Logs about you*',
    found: (count: string) => `Found ${count} entries`,
    aboutThem: (count: string) => `+ ${count} about them`,
    entry: (entry: { action: string; category: string; time: string; actor: string; description: string }) =>
      `*${literal(entry.action)}* - ${literal(entry.category)}\n📅 ${entry.time}\n👤 ${entry.actor}\n📝 ${literal(entry.description, 160)}\n---`,
    noneInDays: (n: number) => `No audit logs found for the last ${days(n)}.`,
    noneForAccount: (account: string) => `No audit logs found for ${whom(account)}.`,
    noneForCategory: (category: string) => `No audit logs found for category: ${category}`,
    noneForYou: 'No audit logs about you.',
    whyEmpty: 'The audit log has no entries yet.',
    whyRange: (newest: string) => `The newest entry is from ${newest}.`,
    whyFilter: 'The log has other entries, but none that match.',
    more: (prefix: string) => `_Send *more* or ${literal(prefix)} more for older entries._`,
  },
  actor: {
    line: (account: string, name: string | null, role: string) =>
      `${whom(account)}${name === null ? '' : ` ${named(name)}`} (${literal(role)})`,
    /** Somebody typed this in another person's place: shown wherever the person is. */
    askedBy: (account: string) => `, asked by ${whom(account)}`,
    typedBy: (operator: string) => ` ⌨️ typed by ${literal(operator, 40)}`,
  },
  role: {
    listTitle: '👥 *User Roles Summary*',
    listGroup: (role: string, count: number) => `*${role}S (${count}):*`,
    listUser: (account: string, name: string | null) => `• ${whom(account)}${name === null ? '' : ` ${named(name)}`}`,
    listRest: (count: number) => `_...and ${count} more_`,
    listTotal: (count: number) => `*Total Users: ${count}*`,
    info: (user: Info) =>
      [
        '👤 *User Information*',
        '',
        accountLine(user.account),
        ...(user.others.length === 0 ? [] : [`🔗 Also: ${user.others.map(whom).join(', ')}`]),
        ...(user.name === null ? [] : [`🏷️ Name: ${named(user.name, 60)}`]),
        `🎭 Role: ${user.role}`,
        `${user.whitelisted ? '✅ Whitelisted: Yes' : '▫️ Whitelisted: No'}`,
        `📅 Created: ${user.created}`,
        ...(user.blocked === undefined ? [] : [`⛔ Blocked ${user.blocked}`]),
        '',
        '*Permissions:*',
        ...(PERMISSIONS[user.role] ?? []).map((line) => `• ${line}`),
      ].join('\n'),
    changed: (account: string, from: string, to: string, actor: string) =>
      `✅ *Role Change Successful*\n\n👤 User: ${whom(account)}\n📊 ${from === 'NONE' ? 'new' : from} → ${to}\n✏️ Changed by: ${actor}`,
    change: (account: string, from: string, to: string) =>
      `${whom(account)}: ${from === 'NONE' ? 'new' : from} → ${to}`,
    ownerNote: (account: string, from: string, to: string, actor: string) =>
      `🔔 *${whom(account)} is now ${to}*\n📊 ${from === 'NONE' ? 'new' : from} → ${to}\n✏️ Changed by: ${actor}`,
    stillBlocked: '⛔ They are blocked, and stay so until they are unblocked.',
    unchanged: (account: string, role: string) =>
      `ℹ️ ${whom(account)} already has the role ${role}. Nothing was changed.`,
    wrongDirection: (account: string, role: string, command: string) =>
      `${whom(account)} is ${role === 'NONE' ? 'new' : role}. To do that, send: ${literal(command, 300)}`,
    knownAs: (account: string, known: string) =>
      `${whom(account)} is ${whom(known)}, as the platform says. Nothing was changed: write ${whom(known)}.`,
    notFound: (account: string) => `User not found: ${whom(account)}`,
    confirmed: (number: string, account: string, actor: string) =>
      `✅ *Identity Confirmed*\n\n👤 User: ${whom(number)}\n🪪 Account: ${whom(account)}\n✏️ Confirmed by: ${actor}`,
    confirmation: (number: string, account: string) => `${whom(account)} is to act as ${whom(number)}`,
    nothingToConfirm: (account: string) =>
      `No other account has appeared as ${whom(account)}. There is nothing to confirm.`,
    isKept: (account: string) =>
      `${whom(account)} is blocked or under a legal hold. End that first, or put it on the person's number.`,
    isSomebodyElse: (account: string) =>
      `${whom(account)} is somebody else with a role of their own. Nothing was changed. If it is the same person, make that account USER first.`,
    severalClaims: (account: string, commands: readonly (readonly [command: string, time: string])[]) =>
      [
        `Several accounts have appeared as ${whom(account)}. Ask which is the right one, then send one of these:`,
        ...commands.map(([command, time]) => `• ${literal(command, 300)} (${time})`),
      ].join('\n'),
    identityNote: (account: string, command: string) =>
      `🚨 *Another account than before writes as ${whom(account)}*\nIt may be a new telephone, or a number that now belongs to somebody else. Nothing it asks is done.\nOnly if you are sure that it is the same person, send: ${literal(command, 300)}`,
  },
  access,
  howLong,
  settings,
  clock,
  confirm,
  why,
  stats,
  trail,
  filter,
  exported,
  dataRequest,
  denied: {
    viewAudit: "❌ You don't have permission to view audit logs. This command requires ADMIN role or higher.",
    checkpoint: "❌ You don't have permission to take checkpoints. This command requires OWNER role.",
    erase: "❌ You don't have permission to erase audit logs. This command requires OWNER role.",
    holds: "❌ You don't have permission to manage legal holds. This command requires OWNER role.",
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
    blockedByHigher: (account: string) =>
      `❌ Somebody with a higher role than yours blocked ${whom(account)}. Ask an ADMIN or OWNER.`,
    blockSelf: '❌ You cannot block yourself.',
    lastOwnerBlock: (account: string) => `❌ ${whom(account)} is the last OWNER who can act, and cannot be blocked.`,
    confirm: "❌ You don't have permission to confirm identities. This command requires OWNER role.",
    identityUnverified: "❌ I can't check right now whether it is you. Please try again in a few minutes.",
    identityChanged:
      "❌ Your account is not the one that I know for this number, so I can't be sure that it is you. An OWNER can confirm it.",
    promoteTo: (role: string) => `❌ Only OWNER can promote users to ${role} role.`,
    changeRoleOf: (role: string) => `❌ Only OWNER can change the role of an ${role}.`,
    demoteSelf: '❌ You cannot demote yourself. Ask another admin or owner.',
    promoteSelf: '❌ You cannot promote yourself. Ask another admin or owner.',
    lastOwner: (account: string) => `❌ ${whom(account)} is the last OWNER. Make somebody else OWNER first.`,
  },
  arguments: {
    days: 'Invalid number of days. Please provide a number between 1 and 365.',
    category: 'Invalid category. Valid categories: AUTH, CONFIG, ADMIN, SECURITY',
    role: 'Invalid role. Valid roles: OWNER, ADMIN, OPERATOR, USER',
    phone: (typed: string) =>
      `"${literal(typed, 30)}" is not a phone number or account. Please write +1234567890 or telegram:42, for example.`,
    either: (typed: string, quoted: string) =>
      `Whom do you mean?\n• ${whom(typed)}\n• ${whom(quoted)}, whom you replied to\nTo mean the first, send it without the reply.`,
    nameOrReason: (typed: string, quoted: string) =>
      `Whom do you mean? I know nobody by a name, such as "${literal(typed, 20)}".\n• ${whom(quoted)}, whom you replied to: put the reason in "quotes"\n• Somebody else: send their number, without the reply.`,
    allOrOne: (quoted: string) =>
      `Whom do you mean?\n• Everything: write all, alone\n• ${whom(quoted)}, whom you replied to: put the reason in "quotes"`,
    phoneNational: (typed: string) => `"${literal(typed, 20)}" has no country.\nBegin with +, as in +1234567890`,
    phoneTwofold: (forms: readonly Phone[]) =>
      `That may be two numbers. Send one as:\n${forms.map(certainForm).join('\n')}`,
    phoneEnds,
    anotherPerson: (another: string, mayBeReason: boolean) =>
      `Two people? ${whom(another)} is another.\nSend a command for each person${mayBeReason ? ', or put a reason that names somebody in "quotes".' : '.'}`,
    newHere: (account: string) => `🆕 ${whom(account)} is new here.`,
    card: (accounts: readonly string[]) =>
      accounts.length === 0
        ? "I can't tell whose number is on that card.\nType the number, or reply to a message of theirs."
        : `Whom on that card do you mean? Type one:\n${accounts
            .slice(0, 5)
            .map((account) => `• ${whom(account)}`)
            .join('\n')}`,
    nobodyHas: (account: string) => `⚠️ Nobody on WhatsApp has ${whom(account)}.`,
    somebodyHas: (account: string) => `📱 On WhatsApp: ${whom(account)}`,
    knownDigits: (account: string, name: string | null) =>
      `Did you mean ${whom(account)}${name === null ? '' : ` ${named(name)}`}? Then write it so.`,
    mention: (typed: string) =>
      `I can't tell whose number ${literal(typed, 30)} is.\nType a number or account, or reply to a message of theirs.`,
    reason: 'Please keep the reason to at most 200 characters.',
    settingKey: 'Please provide the key of a setting.',
    value: 'Please provide a value of at most 1000 characters.',
    checkpoint: 'That is no checkpoint. Paste one whole, from its first line to its signature, or nothing.',
    entry: 'Please provide the id of an entry, as an export has it, or its number.',
    holdSubject: 'Please provide a phone number, or all.',
    witness: 'Please say daily, off, or nothing.',
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
    line: (usage: string, summary: string) => `• ${literal(usage, 200)}${summary === '' ? '' : `\n   ${summary}`}`,
    examples: 'For example:',
    requires: (role: string) => `Requires ${role}${role === 'OWNER' ? '' : ' or higher'}.`,
    hint: (prefix: string) => `Add *help* to any command to learn more, as in ${literal(prefix)} audit help`,
    unknown: (word: string, prefix: string) =>
      `I don't know "${literal(word, 30)}". Send ${literal(prefix)} help for the commands.`,
    nearly: (prefix: string, meant: string) =>
      `Commands begin with ${literal(prefix)}. Did you mean:\n${literal(meant, 300)}`,
    didYouMean: (usage: string) => `Did you mean: ${literal(usage, 200)}`,
    nothingMore: 'There is nothing more to show.',
  },
  chat: {
    sentInPrivate: '🔒 I sent you the answer in private.',
    tooLong: (most: number) =>
      `That is too long for a command. At most ${most.toLocaleString('en')} characters are read; nothing was done.`,
    forwarded: "↪️ I don't carry out what was forwarded.\nTo mean it, type it yourself.",
    fileNotSent: '❌ The file could not be sent. Please try again.',
    wasAway: '💤 That is old: I was away, or my clock is wrong.\nPlease send it again.',
    sentAgain: (text: string) => `🔁 _Sent again:_\n${text}`.trimEnd(),
    writeToMeFirst: '🔒 I can only answer this in private, and could not reach you. Please write to me first.',
  },
}

export type Texts = typeof english

interface Info {
  readonly account: string
  /** Their other accounts. */
  readonly others: readonly string[]
  readonly name: string | null
  readonly role: string
  readonly whitelisted: boolean
  readonly created: string
  /** Until when. */
  readonly blocked: string | undefined
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
