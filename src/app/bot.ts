import { join } from 'node:path'
import type { ChatAdapter } from '../chat/adapter.ts'
import { createTerminal } from '../chat/terminal/terminal.ts'
import { COMMANDS, commandName } from '../commands/registry.ts'
import type { ChatName } from '../config.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { TRIAL_OWNER } from '../roles/user.ts'
import { openChatwarden } from './open.ts'
import type { Opened } from './opened.ts'
import { operatorName, terminalAccount } from './operator.ts'

/** Every chat the bot can answer in. A new one is its folder and a line here. */
const TRANSPORTS: Readonly<Record<ChatName, (chatwarden: Opened) => Promise<ChatAdapter>>> = {
  terminal: async (chatwarden) =>
    createTerminal({
      actAs: await terminalAccount(chatwarden),
      operator: operatorName(),
      exportDirectory: './exports',
      historyFile: join(chatwarden.config.dataDir, 'terminal-history'),
      commandNames: COMMANDS.map(commandName),
      prefix: chatwarden.config.commandPrefix,
    }),
  whatsapp: async ({ config, whatsApp, UserRepository }) => {
    const owners = await UserRepository.findByRole('OWNER', 2)
    if (owners.every(({ account }) => account === TRIAL_OWNER)) throw noOwner()
    const { Connection } = await import('../chat/whatsapp/connection.ts')
    const { createWhatsApp } = await import('../chat/whatsapp/whatsapp.ts')
    const show = (text: string) => process.stdout.write(`${text}\n`)
    return createWhatsApp(new Connection(config.whatsapp, { log: whatsApp.log, show }), whatsApp)
  },
}

/** Runs the bot in the configured chats until they end or the process is told to stop. */
export async function runBot(): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const chatwarden = await openChatwarden()
  const adapters: ChatAdapter[] = []
  try {
    for (const name of chatwarden.config.chats) adapters.push(await TRANSPORTS[name](chatwarden))
    // Starting may take until somebody has paired a telephone, and the bot can be stopped before.
    const ended = adapters.map((adapter) => chatwarden.serve(adapter).then(() => adapter.ended))
    await Promise.race([stopped, Promise.all(ended)])
  } finally {
    for (const adapter of adapters) await adapter.stop()
    await chatwarden.close()
  }
}

const noOwner = () =>
  new ChatwardenError(
    'CANNOT_START',
    '\nNobody is OWNER, so nobody could command the bot. Set OWNER_PHONE_NUMBERS to your number, for example OWNER_PHONE_NUMBERS=+15550001111.',
  )
