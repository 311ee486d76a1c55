import type { Account } from '../kernel/account.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** An account whose person may not use the bot, by whichever account. */
export interface Block {
  readonly account: Account
  /** `null`: until they are unblocked. */
  readonly until: Date | null
  readonly reason: string | null
  /** The account of who did it. */
  readonly blockedBy: Account
  readonly blockedAt: Date
}

type Raw = Pick<Reader, '$queryRaw'>

/** The blocks of these accounts, the one that ends last first. Those that have ended count for nothing. */
export function blocksOf(db: Raw, accounts: readonly string[]): Promise<Block[]> {
  return db.$queryRaw<Block[]>`
    SELECT account, until, reason, blocked_by AS "blockedBy", blocked_at AS "blockedAt"
    FROM blocks WHERE account IN (${Prisma.join(accounts)}) ORDER BY until IS NULL DESC, until DESC, account`
}

/** What keeps somebody out at this moment, if anything does. */
export async function activeBlocks(
  db: Raw,
  { accounts }: { readonly accounts: readonly string[] },
  now: number,
): Promise<Block[]> {
  return (await blocksOf(db, accounts)).filter((block) => isActive(block, now))
}

export const isActive = (block: Block | undefined, now: number): block is Block =>
  block !== undefined && !hasEnded(block, now)

export const hasEnded = ({ until }: Block, now: number): boolean => until !== null && until.getTime() <= now

/** Those of the users who are blocked at this moment. */
export async function blockedAmong(db: Raw, userIds: readonly string[], now: number): Promise<Set<string>> {
  if (userIds.length === 0) return new Set()
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT a.user_id AS id FROM accounts a JOIN blocks b ON b.account = a.account
    WHERE a.user_id IN (${Prisma.join(userIds)}) AND (b.until IS NULL OR b.until > ${new Date(now)})`
  return new Set(rows.map(({ id }) => id))
}

/** Call it only together with the entry that says so. */
export async function saveBlock(tx: WriteTransaction, block: Block): Promise<void> {
  const { account, ...row } = block
  await tx.block.upsert({ where: { account }, create: { account, ...row }, update: row })
}

export async function removeBlock(tx: WriteTransaction, account: string): Promise<void> {
  await tx.block.deleteMany({ where: { account } })
}

/** Blocks that ended long ago. */
export async function forgetBlocks(tx: WriteTransaction, endedBefore: Date): Promise<void> {
  await tx.block.deleteMany({ where: { until: { lt: endedBefore } } })
}
