import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals, SealedRow } from '../audit/write/row-seals.ts'
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
  { db, seals }: Pick<AuditTransaction, 'db' | 'seals'>,
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
    const seal = seals.seal(outboxRow({ id: outboxId, source, message, reply, createdAt }))
    await db.$executeRaw`
      INSERT INTO outbox_messages (id, source, message, reply, begun_by, created_at, seal)
      VALUES (${outboxId}, ${source}, ${message}, ${reply}, ${begunBy}, ${createdAt}, ${seal})`
  }
  return kept
}

/** What has not arrived yet, oldest first. What somebody else wrote there was nobody's answer. */
export async function keptReplies(
  db: Pick<Reader, 'outboxMessage'>,
  source: Source,
  seals: RowSeals,
): Promise<KeptReply[]> {
  const kept: KeptReply[] = []
  for (const row of await db.outboxMessage.findMany({ where: { source }, orderBy: { id: 'asc' } })) {
    if (!seals.isSealed(outboxRow(row), row.seal)) continue
    const { id, message, reply, begunBy } = row
    kept.push({ id, ...read(message), reply: { ...JSON.parse(reply), outboxId: id }, begunBy })
  }
  return kept
}

interface Row {
  readonly id: string
  readonly source: string
  readonly message: string
  readonly reply: string
  readonly createdAt: Date
}

const outboxRow = ({ id, source, message, reply, createdAt }: Row): SealedRow => [
  'outbox_messages',
  id,
  source,
  message,
  reply,
  createdAt.getTime(),
]

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
