import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import { Answering } from './answering.ts'
import type { CommandParts } from './command-parts.ts'
import type { Ground } from './ground.ts'
import type { GuardParts } from './guard-parts.ts'
import { KeptReplies } from './kept-replies.ts'
import type { TrailParts } from './trail-parts.ts'
import { whatsAppParts } from './whatsapp-parts.ts'

/** Messages of one sender that may wait on WhatsApp, to be answered or admitted. */
const MOST_WAITING = 50

/** What brings answers into chats; the chats themselves are made by who runs the bot, or by a host. */
export interface ChatParts {
  readonly kept: KeptReplies
  readonly whatsApp: WhatsAppParts
  readonly answering: Answering
}

export function chatParts(
  ground: Ground,
  trail: TrailParts,
  { intake, services, served }: CommandParts,
  { limits }: GuardParts,
): ChatParts {
  const kept = new KeptReplies(ground)
  return {
    kept,
    whatsApp: whatsAppParts(ground, trail, {
      isCommand: (message) => intake.isCommand(message),
      arrive: (message) => limits.arrivals.arrive(message, MOST_WAITING),
    }),
    answering: new Answering({ ...ground, intake, services, kept, served }),
  }
}
