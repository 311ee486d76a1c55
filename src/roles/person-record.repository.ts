import type { Who } from '../audit/entry/audit-filter.ts'
import type { Account } from '../kernel/account.ts'
import type { Json } from '../kernel/json.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'
import type { Known } from './known-account.repository.ts'
import { CALLED_FIRST } from './link.repository.ts'

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Whose an account is, with all of their accounts, as `findPerson` finds them. */
export async function linkedTo(snapshot: Snapshot, account: string): Promise<Who> {
  const [link] = await snapshot.rows<{ id: string }>('SELECT user_id AS id FROM accounts WHERE account = ?', [account])
  const linked =
    link === undefined
      ? []
      : await snapshot.rows<{ account: string }>(
          Prisma.sql`SELECT account FROM accounts WHERE user_id = ${link.id} ORDER BY ${CALLED_FIRST}`,
        )
  return { userId: link?.id, accounts: [...new Set([account, ...linked.map((each) => each.account)])] }
}

/** The same with all accounts that they were seen with, as `allOf` finds them. */
export async function subjectOf(snapshot: Snapshot, account: string, seals: Known['seals']): Promise<Who> {
  const { userId, accounts: own } = await linkedTo(snapshot, account)
  const rows = await snapshot.rows<{ account: Account; phone: Phone; toldAt: number; seal: string }>(
    Prisma.sql`SELECT account, phone, told_at AS "toldAt", seal FROM known_accounts
      WHERE ${snapshot.dialect.isAmong(Prisma.sql`phone`, own)} ORDER BY account`,
  )
  const known = rows.filter((row) => seals.isSealed('known_accounts', row))
  return { userId, accounts: [...new Set([...own, ...known.map((each) => each.account)])] }
}

/**
 * What is kept of a person besides the trail, by names for who reads it. A legal hold on them is left out on purpose: that
 * there is one may be a secret of an investigation.
 */
export async function personRecord(snapshot: Snapshot, who: Who): Promise<Record<string, Json>> {
  const among = (column: Prisma.Sql, names: readonly string[] = who.accounts) => snapshot.dialect.isAmong(column, names)
  const refusals = await snapshot.rows<{ reason: string; at: number }>(
    Prisma.sql`SELECT reason, recorded_at AS at FROM refusals
      WHERE ${among(Prisma.sql`sender`, [...who.accounts, ...(who.userId === undefined ? [] : [who.userId])])}
      ORDER BY recorded_at, sender`,
  )
  return {
    user: await userOf(snapshot, who.userId),
    rolesFromConfiguration: await seededOf(snapshot, among(Prisma.sql`account`)),
    blocks: await blocksOf(snapshot, among(Prisma.sql`account`)),
    ...(await accountRecords(snapshot, who, among(Prisma.sql`phone`))),
    refusals: refusals.map(({ reason, at }) => ({ reason, recordedAt: moment(at) })),
  }
}

async function userOf(snapshot: Snapshot, userId: string | undefined): Promise<Json> {
  type Row = { id: string; name: string | null; role: string; whitelisted: number; created: number; updated: number }
  if (userId === undefined) return null
  const [user] = await snapshot.rows<Row>(
    'SELECT id, name, role, whitelisted, created_at AS created, updated_at AS updated FROM users WHERE id = ?',
    [userId],
  )
  if (user === undefined) return null
  const { id, name, role, whitelisted, created, updated } = user
  return { id, name, role, whitelisted: whitelisted !== 0, createdAt: moment(created), updatedAt: moment(updated) }
}

async function seededOf(snapshot: Snapshot, isTheirs: Prisma.Sql): Promise<Json> {
  const rows = await snapshot.rows<{ account: string; role: string; at: number }>(
    Prisma.sql`SELECT account, role, seeded_at AS at FROM seeded_accounts WHERE ${isTheirs} ORDER BY account`,
  )
  return rows.map(({ account, role, at }) => ({ account, role, seededAt: moment(at) }))
}

/** Why is said in somebody's own words, which may speak of others. */
async function blocksOf(snapshot: Snapshot, isTheirs: Prisma.Sql): Promise<Json> {
  type Row = { account: string; until: number | null; by: string; at: number }
  const rows = await snapshot.rows<Row>(
    Prisma.sql`SELECT account, until, blocked_by AS "by", blocked_at AS at FROM blocks WHERE ${isTheirs} ORDER BY account`,
  )
  return rows.map(({ account, until, by, at }) => ({
    account,
    until: moment(until),
    blockedBy: by,
    blockedAt: moment(at),
  }))
}

/** Which accounts appeared with their number without being theirs is not said: they may be somebody else's. */
async function accountRecords(snapshot: Snapshot, who: Who, isTheirs: Prisma.Sql): Promise<Record<string, Json>> {
  const known = await snapshot.rows<{ account: string; at: number }>(
    Prisma.sql`SELECT account, told_at AS at FROM known_accounts WHERE ${isTheirs} ORDER BY told_at`,
  )
  const linked = await snapshot.rows<{ account: string; proof: string; at: number }>(
    'SELECT account, proof, since AS at FROM accounts WHERE user_id = ? ORDER BY since, account',
    [who.userId ?? ''],
  )
  const [claims] = await snapshot.rows<{ n: number }>(
    Prisma.sql`SELECT count(*) AS n FROM identity_claims WHERE ${isTheirs}`,
  )
  return {
    accounts: linked.map(({ account, proof, at }) => ({ account, proof, since: moment(at) })),
    knownAccounts: known.map(({ account, at }) => ({ account, toldAt: moment(at) })),
    otherAccountsSeen: claims?.n ?? 0,
  }
}
