import { checkSigningKey } from '../audit/appender.ts'
import { AuditWriter } from '../audit/audit-writer.ts'
import type { Actor, Place } from '../audit/entry.ts'
import { EVENT_TYPES } from '../audit/event-types.ts'
import { Exporter } from '../audit/export/exporter.ts'
import { SigningKey } from '../audit/signing-key.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import { operatorName } from '../operator.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { openSnapshot } from '../storage/snapshot.ts'

/** The trail as a command line works with it, beside a bot or without one. */
export interface OpenTrail {
  readonly config: Config
  readonly database: Database
  readonly writer: AuditWriter
  readonly exporter: Exporter
  /** Who acts: nobody in a chat, but somebody at the machine. */
  readonly actor: Actor
  readonly place: Place
}

/** Opens the configured trail for `work`, and closes it whatever comes of it. */
export async function withTrail<T>(work: (trail: OpenTrail) => Promise<T>): Promise<T> {
  const config = readConfig()
  const database = await openDatabase(config.databaseUrl)
  try {
    const key = new SigningKey(config)
    await checkSigningKey(database.reader, key)
    const writer = new AuditWriter(database, EVENT_TYPES, systemClock, key)
    const exporter = new Exporter(() => openSnapshot(config.databaseUrl), key, systemClock)
    const actor = { phoneNumber: 'SYSTEM', role: 'SYSTEM', operator: operatorName() }
    return await work({ config, database, writer, exporter, actor, place: { source: 'cli' } })
  } finally {
    await database.close()
  }
}
