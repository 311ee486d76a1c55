import { join } from 'node:path'
import { OWNER } from './chatwarden.ts'
import { CLI, type Running, startNode } from './child.ts'
import { environmentOf, openRaw, testDatabase } from './database.ts'
import type { StandIn } from './whatsapp-web/stand-in.ts'

/** What a user sets to run the bot on the stand-in. */
export const environmentFor = (standIn: StandIn, folder: string): Record<string, string> => ({
  CHAT: 'whatsapp',
  ...environmentOf(testDatabase(folder).path),
  LOG_LEVEL: 'info',
  OWNER_PHONE_NUMBERS: OWNER,
  WHATSAPP_SESSION_DIR: join(folder, 'whatsapp'),
  WHATSAPP_BROWSER_PATH: standIn.browserPath,
  WHATSAPP_BROWSER_ARGS: JSON.stringify(standIn.browserArgs),
  WHATSAPP_WEB_VERSION: standIn.webVersion,
  WHATSAPP_WEB_CACHE_DIR: standIn.cacheDir,
  WHATSAPP_SEND_LIMIT: '0',
  WHATSAPP_SEND_LIMIT_PER_CHAT: '0',
})

/** `chatwarden start` in a process of its own, as a user starts it. */
export const startProcess = (env: Readonly<Record<string, string>>): Running => startNode([CLI, 'start'], { env })

/** Resolves when it has printed a line that matches. */
export async function printed(running: Running, pattern: RegExp): Promise<string> {
  for (;;) {
    const line = await running.line()
    if (pattern.test(line)) return line
  }
}

/** Rows of its database, read from outside. */
export function rows<T>(folder: string, sql: string): T[] {
  const database = openRaw(testDatabase(folder).path, { readonly: true })
  try {
    return database.prepare(sql).all() as T[]
  } finally {
    database.close()
  }
}
