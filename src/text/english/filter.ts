import type { PhoneEnd } from '../../kernel/phone-end.ts'
import { certainForm } from '../../kernel/phone-problem.ts'
import type { PhoneProblem } from '../../kernel/phone-spelling.ts'
import { literal, whom } from '../markup.ts'
import { days } from './numbers.ts'
import { phoneEnds } from './phone-ends.ts'

type Problem = {
  readonly kind: 'unknown' | 'invalid' | 'repeated' | 'days' | 'order' | 'phone' | 'ends'
  readonly word: string
  readonly key?: string | undefined
  readonly phone?: PhoneProblem | undefined
  readonly readings?: readonly PhoneEnd[] | undefined
}

const WANTED: Readonly<Record<string, string>> = {
  category: 'It takes AUTH, CONFIG, ADMIN or SECURITY, up to 20 with commas.',
  action: 'It takes actions such as ROLE_CHANGE, up to 20 with commas.',
  actor:
    'It takes a phone number or an account, for example actor:+1234567890, actor:"+1 234 567 890" or actor:telegram:42.',
  target:
    'It takes a phone number or an account, for example target:+1234567890, target:"+1 234 567 890" or target:telegram:42.',
  channel: 'It takes the id of a chat.',
  request: 'It takes the id of a message.',
  source: 'It takes words such as whatsapp, telegram, terminal, cli, api, system or import, up to 20 with commas.',
  text: 'It takes words, for example text:"two words".',
  since:
    'It takes how long ago (since:7d, since:12h, since:30m for minutes), a day (since:2026-02-01) or a time (since:2026-02-01T10:00).',
  until: 'It takes how long ago (until:7d), a day (until:2026-02-01) or a time (until:2026-02-01T10:00).',
  format: 'It takes json, jsonl or csv, each also with .gz, for example format:csv.gz.',
  profile: 'It takes moderation, and goes with format:csv.',
  bom: 'It takes yes or no, and goes with format:csv: Excel then sees that the letters are UTF-8.',
}

function problem({ kind, word, key, phone, readings = [] }: Problem): string {
  const shown = `"${literal(word, 40)}"`
  switch (kind) {
    case 'unknown':
      return `I don't know ${shown}.${key === undefined ? ` Filters: ${FILTERS}.` : ` Did you mean ${key}: ?`}`
    case 'invalid':
      return `${shown} cannot be used. ${WANTED[key ?? ''] ?? ''}`.trim()
    case 'repeated':
      return `${shown} says again what was said before it. Each filter stands once, and a time is said by days or by since and until.`
    case 'days':
      return `Invalid number of days. Please provide a number between 1 and 365.${/^[0-9]*$/.test(word) ? '' : ` ${shown} is none, and no filter either: ${FILTERS}.`}`
    case 'phone':
      return phone?.kind === 'twofold'
        ? `That may be two numbers. Send one as:\n${phone.forms.map((form) => `${key}:${certainForm(form)}`).join('\n')}`
        : `"${literal(word, 20)}" has no country.\nBegin with +: ${key}:+1234567890`
    case 'ends':
      return phoneEnds(readings, `${key}:`)
    case 'order':
      return `${shown} is no time that there is, or it ends before it begins.`
  }
}

const FILTERS = 'category:, action:, actor:, target:, channel:, request:, source:, text:, since:, until:'

const isPerson = (name: string): boolean => name === 'actor' || name === 'target'

type Words = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** What restricts besides the time, in words. */
function restrictions({
  days: _days,
  since: _since,
  until: _until,
  format: _format,
  profile: _profile,
  bom: _bom,
  ...others
}: Words): string {
  return Object.entries(others)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} ${isPerson(name) ? whom(String(value)) : literal(String(value), 60)}`],
    )
    .join(', ')
}

/** The time that was asked for, in words; empty where nothing was said of it. */
const period = ({ days: n, since, until }: Words): string =>
  [
    ...(n === undefined ? [] : [`last ${days(Number(n))}`]),
    ...(since === undefined ? [] : [`since ${literal(String(since), 40)}`]),
    ...(until === undefined ? [] : [`until ${literal(String(until), 40)}`]),
  ].join(', ')

const described = (words: Words): string => [restrictions(words), period(words)].filter(Boolean).join(', ')

export const filter = {
  missing: `Please say what to look for: ${FILTERS}, or a number of days.`,
  problem,
  described,
  restrictions,
  period,
  title: (words: Words, count: string) => `🔎 *Audit Logs – ${described(words)}*\nFound ${count} entries`,
  none: (words: Words) => `No audit logs found: ${described(words)}.`,
}
