import { literal, whom } from '../markup.ts'

const MB = 1024 * 1024
const size = (bytes: number): string => (bytes < MB ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MB).toFixed(1)} MB`)

export const exported = {
  started: (period: string, restrictions: string) =>
    `📦 Exporting audit logs ${period.startsWith('last') ? `for the ${period}` : period}${restrictions === '' ? '' : ` (${restrictions})`}...`,
  going: (percent: number) => `📦 Still exporting: ${percent} %`,
  done: (of: {
    readonly records: number
    readonly period: string
    readonly restrictions: string
    readonly bytes: number
    readonly sha256: string
  }) =>
    [
      '✅ *Audit Log Export Complete*',
      `📊 Total Records: ${of.records}`,
      `📅 Date Range: ${of.period.charAt(0).toUpperCase()}${of.period.slice(1)}`,
      ...(of.restrictions === '' ? [] : [`🔎 Only: ${of.restrictions}`]),
      `🧾 ${size(of.bytes)}, SHA-256 ${of.sha256.slice(0, 16)}…; the manifest follows.`,
    ].join('\n'),
  compressed: '🗜️ The file was too large for this chat, so it is compressed.',
  link: (address: string, minutes: number) =>
    `🔗 The file is too large for this chat. Fetch it within ${minutes} minutes, then it is removed:\n${address}`,
  linkFailed: '⚠️ It could not be stored for you to fetch, so it comes in parts.',
  parts: (count: number, name: string) =>
    `🧩 The file is too large for this chat, so it comes in ${count} parts. Save them in one folder and join them: cat ${literal(name, 100)}.* > ${literal(name, 100)} (Windows: copy /b, or open the first with 7-Zip).`,
  dailyFailed: (day: string, reason: string) =>
    [
      '⚠️ *Daily Export Failed*',
      `📅 Day: ${day} (UTC)`,
      `❗ ${literal(reason, 200)}`,
      'It is tried again by itself. The log of the bot says more.',
    ].join('\n'),
  history: (of: {
    readonly account: string
    readonly by: readonly string[]
    readonly on: readonly string[]
    readonly counts: readonly [number, number]
    readonly ends: readonly string[] | undefined
  }) =>
    [
      `🗂️ *Audit History of ${whom(of.account)}*`,
      ...(of.ends === undefined ? [] : [`📅 ${of.ends.join(' to ')}`]),
      `▶️ By them: ${of.counts[0]}`,
      ...of.by.map((line) => `   ${line}`),
      `🎯 About them: ${of.counts[1]}`,
      ...of.on.map((line) => `   ${line}`),
      '📄 The file has every one of them.',
    ].join('\n'),
  historyCount: (action: string, count: number) => `${literal(action)} ${count}`,
  noHistory: (account: string) => `No audit logs found by or about ${whom(account)}.`,
}
