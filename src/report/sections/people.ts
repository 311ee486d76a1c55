import { line, type Section, table } from '../part.ts'
import type { Report } from '../report.ts'
import { counted, entryList, number, type Shown } from './shown.ts'

const ROLES = ['OWNER', 'ADMIN', 'OPERATOR', 'USER']

/** Who has which role now, and what changed about people in the period. */
export function peopleSection({ people, peopleChanges }: Report, shown: Shown): Section {
  const rows = [
    ...ROLES.map((role) => [role, number(people.roles.get(role) ?? 0)]),
    ['On the whitelist', number(people.whitelisted)],
    ['Blocked', number(people.blocked)],
  ]
  const { total } = peopleChanges
  const changes = `${counted(total, 'change')} of roles, whitelist and blocks${total === 0 ? '.' : ':'}`
  return {
    title: 'People',
    parts: [table(['Now', 'People#'], rows), line(changes), ...entryList(peopleChanges, shown)],
  }
}
