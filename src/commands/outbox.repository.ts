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
  tx: WriteTransaction,
  source: Source,
  { id, chat, sender }: Answered,
  replies: readonly Reply[],
  role: Role | undefined,
  begunBy: string | null,
  createdAt: Date,
): Promise<Reply[]> {
  const kept = replies.map((reply) => ({ ...reply, outboxId: newId() }))
  for (const { outboxId, ...reply } of kept) {
    const message = JSON.stringify({ id, chat, sender, ...(reply.audience === 'sender' && { role }) })
    await tx.$executeRaw`
      INSERT INTO outbox_messages (id, source, message, reply, begun_by, created_at)
      VALUES (${outboxId}, ${source}, ${message}, ${JSON.stringify(reply)}, ${begunBy}, ${createdAt})`
  }
  return kept
}

/** What has not arrived yet, oldest first. */
export async function keptReplies(reader: Pick<Reader, 'outboxMessage'>, source: Source): Promise<KeptReply[]> {
  const rows = await reader.outboxMessage.findMany({ where: { source }, orderBy: { id: 'asc' } })
  return rows.map(({ id, message, reply, begunBy }) => ({
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

/** After so long nobody waits for an answer any more. */
export async function forgetReplies(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.outboxMessage.deleteMany({ where: { createdAt: { lt: before } } })
}

function read(text: string): Pick<KeptReply, 'message' | 'role'> {
  const { role, ...message } = JSON.parse(text) as Answered & { role?: Role }
  return { message, role }
}
