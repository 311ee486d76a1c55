import type { AuditTransaction } from '../audit/write/change.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { saveCursor } from './page-cursor.repository.ts'
import { commandName } from './registry.ts'
import type { Invocation } from './request.ts'

type Written = Pick<IncomingMessage, 'source' | 'chat'>

/** A person's private chat is one, by whatever id the platform names it. */
const privateChat = (source: IncomingMessage['source']): string => `${source}:private`

/** The chat in which a message was written, as far as its pages go. */
export const pageChatOf = ({ source, chat }: Written): string =>
  chat.kind === 'private' ? privateChat(source) : chat.id

/** Where the next page may be asked for: where this one was asked for, and where it was shown. */
export const pagedIn = (message: Written, { command }: Invocation): Set<string> =>
  new Set([pageChatOf(message), ...(command.sensitive ? [privateChat(message.source)] : [])])

/** Remembers where the answer goes on, or that it does not. */
export async function savePosition(
  tx: Pick<AuditTransaction, 'db' | 'seal'>,
  sender: string,
  message: Written,
  invocation: Invocation,
  position: string | undefined,
  now: number,
): Promise<void> {
  const { command, values } = invocation
  const cursor = position === undefined ? undefined : { command: commandName(command), values, position }
  for (const chat of pagedIn(message, invocation)) await saveCursor(tx, sender, chat, cursor, now)
}
