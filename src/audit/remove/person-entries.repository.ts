import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Who } from '../entry/audit-filter.ts'

const BY = { id: Prisma.sql`user_id`, account: (one: string) => Prisma.sql`account = ${one}` }
const ABOUT = {
  id: Prisma.sql`subject_id`,
  account: (one: string) => Prisma.sql`resource_id = ${one} AND resource_type = 'user'`,
}

/**
 * The ways along an index on which the entries by a person lie: one for their id, and one for each account. What an
 * account did while it was another user's is theirs; ids of a host's own are no user's here.
 */
const waysOf =
  ({ id, account }: typeof BY) =>
  ({ userId, accounts }: Who): Prisma.Sql[] => [
    ...(userId === undefined ? [] : [Prisma.sql`${id} = ${userId}`]),
    ...accounts.map(
      (one) => Prisma.sql`${account(one)}
        AND (${id} IS NULL OR ${id} = ${userId ?? ''} OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = ${id}))`,
    ),
  ]

export const waysBy = waysOf(BY)

/** The same of the entries that are about a person. */
export const waysAbout = waysOf(ABOUT)

/** The ids of all users. */
export async function userIds(db: Pick<Reader, '$queryRaw'>): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`SELECT id FROM users`
  return new Set(rows.map(({ id }) => id))
}

/** All entries of a person, as a query for their `seq`. Nobody has none. */
export function seqsOf(who: Who): Prisma.Sql {
  const seqs = [...waysBy(who), ...waysAbout(who)].map((where) => Prisma.sql`SELECT seq FROM audit_logs WHERE ${where}`)
  return seqs.length === 0 ? Prisma.sql`SELECT seq FROM audit_logs WHERE 1 = 0` : Prisma.join(seqs, ' UNION ')
}
