import { type ChatHarness, chatContract, type Delivered } from '../../support/chat-contract.ts'
import { shareAccount } from '../../support/whatsapp-chat.ts'
import type { Sent } from '../../support/whatsapp-web/stand-in.ts'

const account = shareAccount()
const groups = new Map<string, string>()

/** Names of the contract's groups, and the ids that WhatsApp gave them. */
async function groupId(name: string): Promise<string> {
  const id = groups.get(name) ?? (await account.standIn.group(name))
  groups.set(name, id)
  return id
}

/** People write by the ids that `idOf` gives them. */
async function createHarness(idOf: (digits: string) => string): Promise<ChatHarness> {
  for (const phone of ['15550001111', '15550002222']) await account.standIn.person({ phone, lid: `9${phone}` })
  const { adapter, sent } = await account.open({ starts: false, parts: { isCommand: () => true } })
  return {
    adapter,
    receive: async (text, { from, group }) => {
      const where = group === undefined ? {} : { group: await groupId(group) }
      account.standIn.receive({ from: idOf(from.slice(1)), text, ...where })
    },
    sent: async () => (await sent()).map(toDelivered),
    dispose: () => account.standIn.delivered(),
  }
}

function toDelivered({ to, text, document }: Sent): Delivered {
  const name = [...groups].find(([, id]) => id === to)?.[0]
  const phone = /^9?(\d{11})@/.exec(to)?.[1]
  const place = name === undefined ? { private: `+${phone}` as const } : { group: name }
  return document === undefined ? { to: place, text } : { to: place, text, file: document }
}

chatContract({ name: 'WhatsApp', create: () => createHarness((digits) => `${digits}@c.us`) })
chatContract({ name: 'WhatsApp, by LIDs,', create: () => createHarness((digits) => `9${digits}@lid`) })
