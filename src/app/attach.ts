import type { Message } from 'whatsapp-web.js'
import { attachedTo, readHostMessage, readHostText } from '../chat/whatsapp/attach.ts'
import type { HostClient } from '../chat/whatsapp/host-client.ts'
import { type Admission, LIMITED } from '../commands/gate.ts'
import { isSilent } from '../kernel/arrived.ts'
import type { Attached } from './chatwarden.ts'
import type { Opened } from './opened.ts'

/** What nobody sent is nothing to answer. */
const NOBODY: Admission = { admitted: false, reason: 'failed', text: undefined }

/** Answers on a client of a host's, as `Chatwarden.attach` promises. */
export function attach({ whatsApp, serve, isCommand, admit }: Opened, client: HostClient): Attached {
  const adapter = attachedTo(client, whatsApp)
  serve(adapter).catch((err) => whatsApp.log.error({ err }, 'WhatsApp: attaching to the client failed'))
  return {
    isCommand: (message) => {
      const text = readHostText(message, whatsApp.options.answersOwnChat)
      return text !== undefined && isCommand(text)
    },
    admit: async (message) => {
      const chatter = readHostMessage(message)
      if (chatter === undefined) return NOBODY
      // Before anybody is looked up.
      const arrived = whatsApp.arrive(chatter)
      try {
        if (isSilent(arrived)) return LIMITED
        const incoming = await adapter.read(message as unknown as Message)
        return incoming === undefined ? NOBODY : await admit(incoming, arrived)
      } finally {
        arrived.end()
      }
    },
    detach: () => adapter.stop(),
  }
}
