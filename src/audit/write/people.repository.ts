import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import { trailAccount } from '../entry/audit-filter.ts'
import type { Draft } from '../entry/draft.ts'

type Known = { account: string; userId: string; role: string }

/**
 * Completes drafts in which a host named accounts alone: whose they are in this transaction, and who acted has which role.
 * What the host said stays.
 */
export async function knowPeople(db: Pick<Reader, '$queryRaw' | 'dialect'>, drafts: readonly Draft[]): Promise<void> {
  const asked = drafts.filter(({ lookUp }) => lookUp !== undefined).map((draft) => ({ draft, ...accountsIn(draft) }))
  if (asked.length === 0) return
  const accounts = new Set(asked.flatMap(({ actor, subject }) => [actor, subject]).filter((each) => each !== undefined))
  const rows = await db.$queryRaw<Known[]>`
    SELECT a.account AS "account", u.id AS "userId", u.role AS "role" FROM accounts a JOIN users u ON u.id = a.user_id
    WHERE ${db.dialect.isAmong(Prisma.sql`a.account`, [...accounts])}`
  const known = new Map(rows.map((row) => [row.account, row]))
  for (const { draft, actor, subject } of asked) {
    const person = actor === undefined ? undefined : known.get(actor)
    if (person !== undefined) {
      draft.userId ??= person.userId
      if (draft.userRole === 'NONE') draft.userRole = person.role
    }
    if (subject !== undefined) draft.subjectId ??= known.get(subject)?.userId ?? null
    // From here on it is the entry.
    delete draft.lookUp
  }
}

/** By which accounts a draft is to be completed. */
const accountsIn = ({ lookUp = [], account, resourceId }: Draft) => ({
  actor: lookUp.includes('actor') ? account : undefined,
  subject: lookUp.includes('subject') ? trailAccount(resourceId ?? '') : undefined,
})
