import { named, whom } from '../markup.ts'
import { days } from './numbers.ts'

/** By their names in the files. What is not here is shown by its name. */
const LABELS: Readonly<Record<string, string>> = {
  unreadableText: 'Changed from outside, cannot be read; it begins with',
  user: 'As a user of the bot',
  id: 'Id',
  name: 'Name',
  role: 'Role',
  whitelisted: 'On the whitelist',
  createdAt: 'Since',
  updatedAt: 'Last changed',
  rolesFromConfiguration: 'Roles given by the configuration',
  seededAt: 'Given',
  blocks: 'Blocks',
  until: 'Until',
  reason: 'Reason',
  blockedBy: 'By',
  blockedAt: 'Blocked',
  knownAccounts: 'Accounts that the platform named',
  account: 'Account',
  toldAt: 'Told',
  accounts: 'Accounts',
  proof: 'Known by',
  since: 'Since',
  otherAccountsSeen: 'Other accounts that appeared with a number of theirs',
  refusals: 'Turned away',
  recordedAt: 'Last noted',
  receivesCheckpointsSince: 'Receives the daily checkpoint since',
  messagesAnswered: 'Ids of messages that were answered (a few days)',
  messagesWaitingForThem: 'Messages on their way',
  pagedAnswersThatCanGoOn: 'Answers with more pages (10 minutes)',
  denialsBeingCounted: 'Denials being counted (10 minutes)',
  messagesBeingCounted: 'Counts of messages within a minute (1 day)',
  confirmationIsPending: 'A command waits for a confirmation',
}

export const dataRequest = {
  going: (percent: number) => `📦 Still collecting: ${percent} %`,
  done: (account: string, count: number) =>
    [
      `✅ *Data of ${whom(account)}*`,
      `📊 Audit logs in it: ${count}`,
      '📄 The same twice: a page to read and print, and JSON for a program. What others typed, who looked, network addresses and other people’s numbers are left out. What the person typed is there as it was: read it before you hand it on.',
    ].join('\n'),
  compressed: '🗜️ What was too large for this chat is compressed.',
  nothing: (account: string) => `Nothing is known about ${whom(account)}, so there is nothing to hand out.`,
  notes: (retentionDays: number): string[] => [
    'This is what the database of the bot has about this person: every audit log of what they did, those of what others did to them, and the records below.',
    'Left out, whether there are any or not: who else looked at what is about them, what owners confirm to each other, and inquiries. The words in which somebody else gave a reason are left out too, as they may speak of others; ask an owner for them.',
    'Times in the JSON file are UTC.',
    'Network addresses and devices are removed, and numbers, accounts and names of other people are masked or left out.',
    `Audit logs are kept for ${days(retentionDays)}, those that say who may do what for as long as they are true. Archives, exports and backups that were made before may hold older ones.`,
    'If something is wrong, ask an owner of the bot to correct it. An owner can also erase what has to be erased; what says who may do what stays until its time is over.',
  ],
  page: {
    language: 'en',
    title: (subject: string) => `What the bot knows about ${subject}`,
    made: (at: string, timeZone: string, role: string, phone: string) =>
      `Made ${at} (${timeZone}) for ${phone}, ${role}.`,
    notes: 'About this page',
    person: 'Records',
    entries: (count: number) => `Audit logs (${count}), the oldest first`,
    noEntries: 'There are none.',
    by: (phone: string, name: string | null, role: string) =>
      `By ${phone}${name === null ? '' : ` ${named(name, 60)}`} (${role})`,
    reason: 'Reason',
    typedBy: "Typed in their place by somebody at the bot's machine",
    where: 'Where',
    nothing: '–',
    label: (field: string) => (Object.hasOwn(LABELS, field) ? (LABELS[field] ?? field) : field),
    value: (value: boolean) => (value ? 'yes' : 'no'),
  },
}
