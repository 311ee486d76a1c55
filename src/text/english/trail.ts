import { listed } from '../../kernel/listed.ts'
import { shownLines } from '../../kernel/plain-text.ts'
import { literal, whom } from '../markup.ts'
import { days } from './numbers.ts'

type Found = {
  readonly kind: string
  readonly entries?: readonly [number, number]
  readonly id?: string
  readonly about?: string
}

const entriesOf = ([first, last]: readonly [number, number]): string =>
  first === last ? `entry ${first}` : `entries ${first} to ${last}`

const finding = ({ kind, entries, id, about }: Found): string =>
  [
    `${kind}:`,
    ...(entries === undefined ? [] : [entriesOf(entries)]),
    ...(id === undefined ? [] : [`(${id})`]),
    ...(about === undefined ? [] : [entries === undefined ? about : `– ${about}`]),
  ].join(' ')

/** What is wrong with the database by itself is said in its own words, which are for its operator; what was changed may be a legal hold. */
const INTERNAL = ['damaged', 'altered schema', 'missing trigger']
const OWNERS_ONLY = ['unlogged change', 'unfounded act']
const inChat = (found: Found, isOwner: boolean): string =>
  INTERNAL.includes(found.kind) || (OWNERS_ONLY.includes(found.kind) && !isOwner)
    ? `${found.kind}: see chatwarden verify`
    : finding(found)

type Verdict = {
  readonly isRead: boolean
  readonly size: number
  readonly present: number
  readonly removed: {
    readonly retention: number
    readonly erasures: readonly { readonly seq: number; readonly count: number }[]
  }
  readonly findings: readonly Found[]
  readonly comparedWith: number | undefined
  readonly extends: number | undefined
}

const numbers = ({ size, present, removed }: Verdict): string =>
  [
    `${size} entries written, ${present} there`,
    ...(removed.retention > 0 ? [`${removed.retention} removed by retention`] : []),
    ...removed.erasures.map(({ seq, count }) => `${count} covered by erasure ${seq}`).slice(0, 5),
    ...(removed.erasures.length > 5 ? [`${removed.erasures.length - 5} more erasures`] : []),
  ].join(', ')

/** Of a trail whose beginning another one has too. */
const branch = (branches: readonly { readonly index: number }[]): string =>
  `A branch since ${inEntries(branches)}: a backup was restored, or the trail moved. Longer checkpoints of before may be of the other branch: verify tells.`

const inEntries = (branches: readonly { readonly index: number }[]): string =>
  `${branches.length === 1 ? 'entry' : 'entries'} ${listed(
    branches.map(({ index }) => String(index)),
    5,
  )}`

export const trail = {
  finding,
  numbers,
  verifying: (n: number) => `🔎 Checking ${n} entries...`,
  verified: (verdict: Verdict, prefix: string, isOwner: boolean) =>
    [
      verdict.findings.length === 0 ? '✅ *Internally consistent*' : `🚨 *${verdict.findings.length} findings*`,
      ...(verdict.isRead ? [`📊 ${numbers(verdict)}`] : []),
      ...verdict.findings.slice(0, 8).map((each) => `• ${literal(inChat(each, isOwner), 200)}`),
      ...(verdict.findings.length > 8 ? ['_The rest: chatwarden verify_'] : []),
      !verdict.isRead
        ? '⛔ The entries were not read.'
        : verdict.comparedWith === undefined
          ? `⚠️ Compared with no kept checkpoint: an older copy of everything would look the same. Send ${literal(prefix)} audit verify and a checkpoint that you kept.`
          : verdict.extends === undefined
            ? `⛔ Does *not* extend the checkpoint of ${verdict.comparedWith} entries that you kept.`
            : `🔗 Extends the checkpoint of ${verdict.extends} entries that you kept.`,
    ].join('\n'),
  badCheckpoint: (problem: string) =>
    `That checkpoint cannot be used. ${literal(problem, 200)} Paste it whole, from its first line to its signature.`,
  proof: (seq: number) =>
    `🧾 *Proof of entry ${seq}*\nTwo files: the proof, and the entry as it was hashed. Whoever has both and the public key can check them without us.`,
  noSuchEntry: 'There is no such entry, or it was removed by retention or erasure.',
  key: (key: string, origin: string) =>
    `🔑 *Public key of the trail*\n${literal(origin, 100)}\n\n${key}\n\nKeep it where nobody of this bot can change it. chatwarden verify --key checks by it.`,
  noCheckpoint: 'The trail has no entries yet, so there is no checkpoint.',
  checkpoint: ({
    note,
    branches = [],
  }: {
    readonly note: string
    readonly branches?: readonly { index: number }[] | undefined
  }) =>
    [
      shownLines(note),
      ...(branches.length === 0 ? [] : [`🔀 ${branch(branches)}`]),
      '_Keep this message. Later, send it back after *audit verify*._',
    ].join('\n'),
  branch,
  witnessAdded: '✅ You receive the checkpoint here each day.',
  witnessRemoved: '✅ You no longer receive the checkpoint.',
  witnessUnchanged: (isOne: boolean) =>
    isOne ? 'ℹ️ You receive the checkpoint each day already.' : 'ℹ️ You do not receive the checkpoint.',
  erase: (account: string, reason: string) =>
    `Erase what the audit log has by and about ${whom(account)}${reason === '' ? '' : `\n📝 Reason: ${literal(reason, 200)}`}`,
  eraseSelf: '❌ You cannot erase yourself, nor confirm it.',
  erased: (of: {
    readonly account: string
    readonly erased: number
    readonly left: number
    readonly held: number
    readonly retentionDays: number
    readonly isKnown: boolean
    readonly isRewritten: boolean
    /** Archives that are still to be looked through. */
    readonly archives: number
    readonly by: string
  }) =>
    [
      `✅ *Erased* ${whom(of.account)}`,
      `📊 ${of.erased} entries were removed.`,
      ...(of.left === 0
        ? []
        : [
            `📌 ${of.left} entries of AUTH and CONFIG stay until their retention (${days(of.retentionDays)}): they say who may do what.`,
          ]),
      ...(of.held === 0 ? [] : [`⚖️ ${of.held} entries stay: they also concern somebody under a legal hold.`]),
      ...(of.isKnown ? ['👤 Their number and role stay: they say what they may do. Their name is gone.'] : []),
      ...(of.isRewritten
        ? []
        : [
            '🧹 The database is large: copies may remain in unused parts of its file until an operator runs VACUUM on it.',
          ]),
      ...(of.archives === 0
        ? []
        : [
            `🗄️ ${of.archives} ${of.archives === 1 ? 'archive is' : 'archives are'} looked through in the next minutes.`,
          ]),
      '⏳ What was handed out before cannot be reached from here: exports, backups, chats, log files.',
      `✏️ By: ${of.by}`,
    ].join('\n'),
  underHold: (subject: string) =>
    `⚖️ ${subject === 'ALL' ? 'Everything is' : `${whom(subject)} is`} under a legal hold. Remove the hold first.`,
  held: (subject: string, by: string) =>
    `⚖️ *Legal Hold* on ${subject === 'ALL' ? 'everything' : whom(subject)}\nNeither retention nor erasure removes these entries.\n✏️ By: ${by}`,
  heldAlready: (subject: string) =>
    `ℹ️ ${subject === 'ALL' ? 'Everything is' : `${whom(subject)} is`} under a legal hold already. Nothing was changed.`,
  notHeld: (subject: string) =>
    `${subject === 'ALL' ? 'There is no hold on everything' : `${whom(subject)} is not under a hold`}.`,
  release: (subject: string) => `Remove the legal hold on ${subject === 'ALL' ? 'everything' : whom(subject)}`,
  released: (subject: string, by: string) =>
    `✅ *Hold Removed* from ${subject === 'ALL' ? 'everything' : whom(subject)}\nThe next clean-up removes what is past its retention.\n✏️ By: ${by}`,
  holdsTitle: '⚖️ *Legal Holds*',
  noHolds: 'There are none.',
  hold: (of: {
    readonly subject: string
    readonly since: string
    readonly by: string
    readonly reason: string | null
  }) =>
    `• ${of.subject === 'ALL' ? 'everything' : whom(of.subject)} since ${of.since}, by ${whom(of.by)}${of.reason === null ? '' : `: ${literal(of.reason, 200)}`}`,
}
