import type { Subject } from '../audit/remove/removal.repository.ts'
import type { Json } from '../kernel/json.ts'
import { accountOf } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Whom a number stands for: their user's id and the accounts they were seen with, as `accountsOf` finds them. */
export async function subjectOf(
  snapshot: Snapshot,
  phoneNumber: string,
): Promise<Subject & { phoneNumber: string; accounts: readonly string[] }> {
  const [user] = await snapshot.rows<{ id: string }>('SELECT id FROM users WHERE phone_number = ?', [phoneNumber])
  const accounts = await snapshot.rows<{ account: string }>(
    `SELECT account FROM known_accounts WHERE phone_number = ?
     UNION SELECT account FROM pinned_accounts WHERE phone_number = ? AND account LIKE '%@%'`,
    [phoneNumber, phoneNumber],
  )
  return { userId: user?.id, phoneNumber, accounts: [...new Set(accounts.map(({ account }) => accountOf(account)))] }
}

/**
 * What is kept of a person besides the trail, by names for who reads it. A legal hold on them is left out on purpose: that
 * there is one may be a secret of an investigation.
 */
export async function personRecord(
  snapshot: Snapshot,
  { phoneNumber = '', accounts = [] }: Subject,
): Promise<Record<string, Json>> {
  const senders = [phoneNumber, ...accounts]
  const refusals = await snapshot.rows<{ reason: string; at: number }>(
    Prisma.sql`SELECT reason, recorded_at AS at FROM refusals WHERE ${snapshot.dialect.isAmong(Prisma.sql`sender`, senders)}`,
  )
  return {
    user: await userOf(snapshot, phoneNumber),
    roleFromConfiguration: await seededOf(snapshot, phoneNumber),
    block: await blockOf(snapshot, phoneNumber),
    ...(await accountRecords(snapshot, phoneNumber)),
    refusals: refusals.map(({ reason, at }) => ({ reason, recordedAt: moment(at) })),
  }
}

async function userOf(snapshot: Snapshot, phone: string): Promise<Json> {
  type Row = { id: string; name: string | null; role: string; whitelisted: number; created: number; updated: number }
  const [user] = await snapshot.rows<Row>(
    'SELECT id, name, role, whitelisted, created_at AS created, updated_at AS updated FROM users WHERE phone_number = ?',
    [phone],
  )
  if (user === undefined) return null
  const { id, name, role, whitelisted, created, updated } = user
  return { id, name, role, whitelisted: whitelisted !== 0, createdAt: moment(created), updatedAt: moment(updated) }
}

async function seededOf(snapshot: Snapshot, phone: string): Promise<Json> {
  const [seeded] = await snapshot.rows<{ role: string; at: number }>(
    'SELECT role, seeded_at AS at FROM seeded_numbers WHERE phone_number = ?',
    [phone],
  )
  return seeded === undefined ? null : { role: seeded.role, seededAt: moment(seeded.at) }
}

async function blockOf(snapshot: Snapshot, phone: string): Promise<Json> {
  const [block] = await snapshot.rows<{ until: number | null; reason: string | null; by: string; at: number }>(
    'SELECT until, reason, blocked_by AS "by", blocked_at AS at FROM blocks WHERE phone_number = ?',
    [phone],
  )
  if (block === undefined) return null
  const { until, reason, by, at } = block
  return { until: moment(until), reason, blockedBy: by, blockedAt: moment(at) }
}

/** Which accounts appeared as this number without being theirs is not said: they may be somebody else's. */
async function accountRecords(snapshot: Snapshot, phone: string): Promise<Record<string, Json>> {
  const known = await snapshot.rows<{ account: string; at: number }>(
    'SELECT account, told_at AS at FROM known_accounts WHERE phone_number = ? ORDER BY told_at',
    [phone],
  )
  const pinned = await snapshot.rows<{ account: string; confirmed: number; at: number }>(
    'SELECT account, confirmed, pinned_at AS at FROM pinned_accounts WHERE phone_number = ? ORDER BY pinned_at',
    [phone],
  )
  const [claims] = await snapshot.rows<{ n: number }>(
    'SELECT count(*) AS n FROM identity_claims WHERE phone_number = ?',
    [phone],
  )
  return {
    knownAccounts: known.map(({ account, at }) => ({ account, toldAt: moment(at) })),
    pinnedAccounts: pinned.map(({ account, confirmed, at }) => ({
      account,
      confirmed: confirmed !== 0,
      pinnedAt: moment(at),
    })),
    otherAccountsSeen: claims?.n ?? 0,
  }
}
