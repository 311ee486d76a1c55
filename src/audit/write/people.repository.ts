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
  const asked = drafts.filter(({ lookUp }) => lookUp !== undefined)
  if (asked.length === 0) return
  const accounts = [
    ...new Set(asked.flatMap(({ account, resourceId }) => [account, trailAccount(resourceId ?? account)])),
  ]
  const rows = await db.$queryRaw<Known[]>`
    SELECT a.account AS "account", u.id AS "userId", u.role AS "role" FROM accounts a JOIN users u ON u.id = a.user_id
    WHERE ${db.dialect.isAmong(Prisma.sql`a.account`, accounts)}`
  const known = new Map(rows.map((row) => [row.account, row]))
  for (const draft of asked) complete(draft, known)
}

function complete(draft: Draft, known: ReadonlyMap<string, Known>): void {
  const { lookUp = [], account, resourceId } = draft
  const actor = lookUp.includes('actor') ? known.get(account) : undefined
  if (actor !== undefined) {
    draft.userId ??= actor.userId
    if (draft.userRole === 'NONE') draft.userRole = actor.role
  }
  if (lookUp.includes('subject')) draft.subjectId ??= known.get(trailAccount(resourceId ?? ''))?.userId ?? null
  // From here on it is the entry.
  delete draft.lookUp
}
