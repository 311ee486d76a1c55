import { line, type Part, type Section, table, warning } from '../part.ts'
import type { Report } from '../report.ts'
import type { Unknowns } from '../trail.repository.ts'
import { counted, entries, more, number } from './shown.ts'

/** Entries of people whom the database does not know, of whatever time. */
export function unknownSection({ unknownAccounts, unknownIds, size }: Report): Section {
  return {
    title: 'Entries of unknown users',
    parts: [
      ...part(unknownAccounts, 'Account', 'account of no user', 'accounts of no user'),
      ...(unknownAccounts.entries > 0 ? [line('Strangers who wrote to the bot are among them.')] : []),
      ...part(unknownIds, 'User id', 'user id that nobody has', 'user ids that nobody has'),
      ...(unknownIds.entries > 0 ? [line('What the bot reports may have ids of its own.')] : []),
      size.withoutTime === 0
        ? line('Every entry has its time.')
        : warning(`${entries(size.withoutTime)} without a time. Run: chatwarden verify`),
    ],
  }
}

function part(unknowns: Unknowns, title: string, one: string, several: string): Part[] {
  if (unknowns.entries === 0) return [line(`No entry has a ${one}.`)]
  return [
    line(`${entries(unknowns.entries)} with ${counted(unknowns.names, one, several)}:`),
    table(
      [title, 'Entries#'],
      unknowns.most.map(({ name, count }) => [name, number(count)]),
    ),
    ...more(unknowns.names - unknowns.most.length),
  ]
}
