import { parseArgs } from 'node:util'
import { runBot } from '../app/bot.ts'

/** `chatwarden start`: the bot, until it is stopped. */
export async function run(args: string[]): Promise<number> {
  parseArgs({ args, options: {} })
  await runBot()
  return 0
}
