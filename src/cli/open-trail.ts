import { archivingParts } from '../app/archiving-parts.ts'
import { operatorName } from '../app/operator.ts'
import type { ArchiveParts } from '../audit/archive/archive-parts.ts'
import type { Actor, Place } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { Exporter } from '../audit/export/exporter.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import { checkNotLost, checkSigningKey } from '../audit/write/check-key.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { tendSchema } from '../audit/write/tend-schema.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import { createLogger } from '../kernel/log.ts'
import { openS3 } from '../objects/s3.ts'
import type { Database } from '../storage/contract.ts'
import { openDatabase } from '../storage/database.ts'
import { openSnapshot } from '../storage/snapshot.ts'

/** The trail as a command line works with it, beside a bot or without one. */
export interface OpenTrail {
  readonly config: Config
  readonly database: Database
  readonly writer: AuditWriter
  readonly exporter: Exporter
  readonly archiving: ArchiveParts
  /** Who acts: nobody in a chat, but somebody at the machine. */
  readonly actor: Actor
  readonly place: Place
}

/** Opens the configured trail for `work`, and closes it whatever comes of it. `changed`: what is to be otherwise than configured. */
export async function withTrail<T>(
  work: (trail: OpenTrail) => Promise<T>,
  changed: Partial<Pick<Config, 'databaseUrl'>> = {},
): Promise<T> {
  const config = { ...readConfig(), ...changed }
  checkNotLost(config)
  const database = await openDatabase(config.databaseUrl)
  const objects = config.s3 && openS3(config.s3)
  const actor = { account: 'SYSTEM', role: 'SYSTEM', operator: operatorName() }
  const place = { source: 'cli' }
  try {
    const key = new SigningKey(config)
    await checkSigningKey(database.reader, key)
    const writer = new AuditWriter(database, EVENT_TYPES, systemClock, key)
    await tendSchema(database, writer, actor, place)
    const exporter = new Exporter(() => openSnapshot(config.databaseUrl), key, systemClock)
    const log = createLogger(config.logLevel)
    const { reader } = database
    const parts = {
      config,
      reader,
      writer,
      exporter,
      key,
      clock: systemClock,
      log,
      objects,
    }
    const archiving = archivingParts(parts)
    return await work({ config, database, writer, exporter, archiving, actor, place })
  } finally {
    objects?.close()
    await database.close()
  }
}
