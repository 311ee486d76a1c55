import { join } from 'node:path'
import type { ChatAdapter } from './chat/adapter.ts'
import { deliver } from './chat/deliver.ts'
import { createTerminal } from './chat/terminal/terminal.ts'
import { COMMANDS, commandName } from './commands/registry.ts'
import type { ChatName } from './config.ts'
import { createLogger } from './kernel/log.ts'
import { type Chatwarden, openChatwarden } from './main.ts'
import { operatorName, terminalPhone } from './operator.ts'
import { english } from './text/english.ts'

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
  const log = createLogger(chatwarden.config.logLevel)
  const adapters = await Promise.all(chatwarden.config.chats.map((name) => TRANSPORTS[name](chatwarden)))
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  try {
    for (const adapter of adapters)
      await adapter.start(async (message) => {
        const onProgress = (reply: Parameters<typeof deliver>[2][number]) =>
          void deliver(adapter.send, message, [reply], english, log)
        const { replies } = await chatwarden.handle(message, onProgress)
        await deliver(adapter.send, message, replies, english, log)
      })
    await Promise.race([stopped, Promise.all(adapters.map((adapter) => adapter.ended))])
  } finally {
    for (const adapter of adapters) await adapter.stop()
    await chatwarden.close()
  }
}
