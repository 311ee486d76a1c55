import type { Arrived } from '../kernel/arrived.ts'
import type { IncomingMessage, Reply } from '../kernel/message.ts'
import type { EffectiveRole } from '../roles/role.ts'
import type { Command } from './command.ts'

/** Called with what is worth saying before a command is done. */
export type OnProgress = (reply: Reply) => void

/** A message on its way through the router. */
export interface Request {
  readonly message: IncomingMessage
  readonly onProgress: OnProgress
  /** Where it was counted when it arrived, as in a chat in which messages wait for each other. */
  readonly arrived?: Arrived
  /** Called once it is known which role its sender has. */
  readonly onKnown?: (role: EffectiveRole) => void
  /** Whether the replies are kept in the database, in the command's own commit, until they have arrived. */
  readonly keepsReplies: boolean
}

/** A command with its arguments read, about to run. */
export interface Invocation {
  readonly command: Command
  readonly values: Readonly<Record<string, unknown>>
  readonly position?: string
}
