import { join, resolve } from 'node:path'
import { checkNotLost } from '../audit/write/check-key.ts'
import { type Config, readConfig } from '../config.ts'
import { afterFailure } from '../kernel/after-failure.ts'
import { systemClock } from '../kernel/clock.ts'
import { HeardTime } from '../kernel/heard-time.ts'
import { newId } from '../kernel/ids.ts'
import { createLogger } from '../kernel/log.ts'
import { secretFile } from '../kernel/secret-file.ts'
import { databasePath, instancePath, isPostgres } from '../storage/beside-database.ts'
import { openDatabase } from '../storage/database.ts'
import { chatParts } from './chat-parts.ts'
import type { ChatwardenOptions } from './chatwarden.ts'
import { commandParts } from './command-parts.ts'
import { fileParts } from './file-parts.ts'
import type { Base } from './ground.ts'
import { guardParts } from './guard-parts.ts'
import { jobParts } from './job-parts.ts'
import { Life } from './life.ts'
import { type Opened, opened } from './opened.ts'
import { settingParts } from './setting-parts.ts'
import { trailParts } from './trail-parts.ts'

/**
 * Opens Chatwarden: reads the configuration, brings the database up to date, seeds roles and starts the jobs.
 * @throws {ChatwardenError} `CONFIG_INVALID`, `DATABASE_DAMAGED`, `MIGRATION_FAILED` or `SCHEMA_ALTERED`, and where the database is
 * away, full or locked, which may pass, `CANNOT_START` or, from the first entry on, `AUDIT_UNAVAILABLE` or `OUTCOME_UNKNOWN`.
 * Nothing is left open then.
 */
export async function openChatwarden(options: ChatwardenOptions = {}): Promise<Opened> {
  const config = placed(readConfig(options.env))
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLogger(config.logLevel)
  checkNotLost(config)
  const database = await openDatabase(config.databaseUrl, { poolSize: config.databasePoolSize })
  try {
    const outgoing = join(config.dataDir, 'outgoing')
    const heard = new HeardTime(clock)
    return await compose({ options, config, database, reader: database.reader, clock, heard, log, outgoing })
  } catch (error) {
    return afterFailure(error, () => database.close())
  }
}

/** Where everything lies from here on, wherever the host goes (`process.chdir`). */
function placed(config: Config): Config {
  const { databaseUrl, dataDir } = config
  return {
    ...config,
    databaseUrl: isPostgres(databaseUrl) ? databaseUrl : `file:${resolve(databasePath(databaseUrl))}`,
    dataDir: resolve(dataDir),
  }
}

/** Each part is made of those above it; nothing runs before all are there. */
async function compose(base: Base): Promise<Opened> {
  const trail = await trailParts(base)
  // Not before: a trail that was signed with another key is left as it was found.
  const ground = { ...base, instance: secretFile(instancePath(base.config), newId), seals: trail.writer.seals }
  const settings = await settingParts(ground, ground.options.settings ?? [])
  const files = fileParts(ground, trail)
  const guards = guardParts(ground, trail, settings)
  const commands = commandParts(ground, trail, settings, files, guards)
  const jobs = jobParts(ground, trail, settings, files, commands)
  const chats = chatParts(ground, trail, commands, guards)
  const parts = { ...trail, ...settings, ...files, ...guards, ...commands, ...jobs, ...chats }
  const life = new Life(ground, parts)
  await life.start()
  return opened(ground, parts, life)
}
