import type { Writable } from 'node:stream'
import type { Send } from '../adapter.ts'
import { compose, type View } from './compose.ts'
import { drawerFor, write } from './output.ts'

export interface PrinterOptions {
  readonly output: Writable
  /** Where attachments are saved; created when the first one comes. */
  readonly exportDirectory: string
  /** The chat whose replies need no label. Without it every message says where it went. */
  readonly privateChatId?: string
}

/** Sends by printing: the text on `output`, attachments as files, each message in one piece. */
export function createPrinter({ output, exportDirectory, privateChatId }: PrinterOptions): Send {
  const view: View = { exportDirectory, privateChatId, draw: drawerFor(output) }
  // Who reads may leave early (`| head`): the send rejects then, and the process goes on.
  output.on('error', () => {})
  return async (to, content) => write(output, `${await compose(to, content, view)}\n`)
}
