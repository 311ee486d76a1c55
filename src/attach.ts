import { attachedTo, readHostMessage } from './chat/whatsapp/attach.ts'
import type { Attached, HostClient } from './chat/whatsapp/host-client.ts'
import type { Opened } from './main.ts'

/** Answers on a client of a host's, as `Chatwarden.attach` promises. */
export function attach({ whatsApp, serve, isCommand }: Opened, client: HostClient): Attached {
  const adapter = attachedTo(client, whatsApp)
  serve(adapter).catch((err) => whatsApp.log.error({ err }, 'WhatsApp: attaching to the client failed'))
  return {
    isCommand: (message) => isCommand(readHostMessage(message) ?? { text: message?.body }),
    detach: () => adapter.stop(),
  }
}
