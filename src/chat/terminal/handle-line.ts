import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from '../../kernel/message.ts'
import { isAddressed } from './completion.ts'
import { type Outcome, runOwnCommand } from './own-commands.ts'
import { chatAt, type Place, senderAt } from './place.ts'
import { MAX_LINE } from './screen.ts'

export interface LineContext {
  readonly place: Place
  readonly operator: string
  readonly prefix: string
  /** How many messages have been printed so far. */
  sent(): number
  onMessage(message: IncomingMessage): Promise<void>
}

/** What one line leads to: a command of the terminal itself, or a message to the bot. Never rejects. */
export async function handleLine(line: string, context: LineContext): Promise<Outcome> {
  const { place, operator, prefix } = context
  const text = line.trim()
  if (text === '') return {}
  if (line.length > MAX_LINE) return { say: `(That line is longer than the ${MAX_LINE} characters of a message.)` }
  // The bot's own prefix may start with a slash too.
  if (text.startsWith('/') && !isAddressed(text, prefix)) return runOwnCommand(text, place, operator)
  const sentBefore = context.sent()
  try {
    await context.onMessage({
      id: randomUUID(),
      source: 'terminal',
      chat: chatAt(place),
      sender: senderAt(place, operator),
      text,
    })
  } catch {
    return { say: '(That failed. The log knows more.)' }
  }
  if (context.sent() > sentBefore) return {}
  return { say: isAddressed(text, prefix) ? '(No answer.)' : `(That is no command. Try: ${prefix} help)` }
}
