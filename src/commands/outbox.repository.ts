import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals } from '../audit/write/row-seals.ts'
import { DAY } from '../kernel/clock.ts'
import { newId } from '../kernel/ids.ts'
import type { Answered, Reply, Source } from '../kernel/message.ts'
import type { Role } from '../roles/role.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** A reply from the commit of its command until it has arrived. */
export interface KeptReply {
  readonly id: string
  readonly message: Answered
  readonly reply: Reply
  /** The least role that may see it; `undefined` if anybody may whom it is addressed to. */
  readonly role: Role | undefined
  /** Which bot may have sent it before; `null`: none. */
  readonly begunBy: string | null
}

/** Keeps replies in the commit of their command. @returns the replies, each with the id it is kept by. */
export async function keepReplies(
  tx: Pick<AuditTransaction, 'db' | 'seal'>,
  source: Source,
  { id, chat, sender }: Answered,
  replies: readonly Reply[],
  role: Role | undefined,
  begunBy: string | null,
  createdAt: Date,
): Promise<Reply[]> {
  const kept = replies.map((reply) => ({ ...reply, outboxId: newId() }))
  for (const { outboxId, ...rest } of kept) {
    const message = JSON.stringify({ id, chat, sender, ...(rest.audience === 'sender' && { role }) })
    const reply = JSON.stringify(rest)
    const seal = await tx.seal('outbox_messages', { id: outboxId, source, message, reply, createdAt })
    await tx.db.$executeRaw`
      INSERT INTO outbox_messages (id, source, message, reply, begun_by, created_at, seal)
      VALUES (${outboxId}, ${source}, ${message}, ${reply}, ${begunBy}, ${createdAt}, ${seal})`
  }
  return kept
}

/** After so long nobody waits for an answer any more. */
const WAITED_FOR = 7 * DAY

interface Left {
  readonly source: Source
  /** Begun to send by nobody, or by one of these. */
  readonly begunBy: readonly string[]
  readonly now: number
}

/** What has not arrived yet, oldest first. What somebody else wrote there was nobody's answer. */
export async function keptReplies(
  db: Pick<Reader, 'outboxMessage'>,
  { source, begunBy, now }: Left,
  seals: RowSeals,
): Promise<KeptReply[]> {
  const rows = await db.outboxMessage.findMany({
    where: {
      source,
      createdAt: { gte: new Date(now - WAITED_FOR) },
      OR: [{ begunBy: null }, { begunBy: { in: [...begunBy] } }],
    },
    orderBy: { id: 'asc' },
  })
  return rows
    .filter((row) => seals.isSealed('outbox_messages', row))
    .map(({ id, message, reply, begunBy }) => ({
      id,
      ...read(message),
      reply: { ...JSON.parse(reply), outboxId: id },
      begunBy,
    }))
}

/** From here on that bot may have sent them. */
export async function beginReplies(tx: WriteTransaction, ids: readonly string[], begunBy: string): Promise<void> {
  await tx.outboxMessage.updateMany({ where: { id: { in: [...ids] } }, data: { begunBy } })
}

export async function removeReplies(tx: WriteTransaction, ids: readonly string[]): Promise<void> {
  await tx.outboxMessage.deleteMany({ where: { id: { in: [...ids] } } })
}

export async function forgetReplies(tx: WriteTransaction, now: number): Promise<void> {
  await tx.outboxMessage.deleteMany({ where: { createdAt: { lt: new Date(now - WAITED_FOR) } } })
}

function read(text: string): Pick<KeptReply, 'message' | 'role'> {
  const { role, ...message } = JSON.parse(text) as Answered & { role?: Role }
  return { message, role }
}
