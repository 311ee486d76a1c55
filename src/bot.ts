import { join } from 'node:path'
import type { ChatAdapter } from './chat/adapter.ts'
import { createTerminal } from './chat/terminal/terminal.ts'
import { COMMANDS, commandName } from './commands/registry.ts'
import type { ChatName } from './config.ts'
import { type Chatwarden, openChatwarden } from './main.ts'
import { operatorName, terminalPhone } from './operator.ts'

/** Every chat the bot can answer in. A new one is its folder and a line here. */
const TRANSPORTS: Readonly<Record<ChatName, (chatwarden: Chatwarden) => Promise<ChatAdapter>>> = {
  terminal: async (chatwarden) =>
    createTerminal({
      actAs: await terminalPhone(chatwarden),
      operator: operatorName(),
      exportDirectory: './exports',
      historyFile: join(chatwarden.config.dataDir, 'terminal-history'),
      commandNames: COMMANDS.map(commandName),
      prefix: chatwarden.config.commandPrefix,
    }),
}

/** Runs the bot in the configured chats until they end or the process is told to stop. */
export async function runBot(): Promise<void> {
  const chatwarden = await openChatwarden()
  const adapters = await Promise.all(chatwarden.config.chats.map((name) => TRANSPORTS[name](chatwarden)))
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  try {
    for (const adapter of adapters)
      await adapter.start(async (message) => {
        await chatwarden.respond(message, adapter.send)
      })
    await Promise.race([stopped, Promise.all(adapters.map((adapter) => adapter.ended))])
  } finally {
    for (const adapter of adapters) await adapter.stop()
    await chatwarden.close()
  }
}
