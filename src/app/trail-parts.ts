import { EVENT_TYPES, type EventTypes } from '../audit/entry/event-types.ts'
import { checkVisibility } from '../audit/entry/visibility.ts'
import { StoredEntries } from '../audit/read/stored-entries.repository.ts'
import type { Erasure } from '../audit/remove/erasure.ts'
import { Evidence } from '../audit/verify/evidence.ts'
import { AuditEvents } from '../audit/write/audit-logger.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import { checkSigningKey } from '../audit/write/check-key.ts'
import { ClockWatch } from '../audit/write/clock-watch.ts'
import { Observations } from '../audit/write/observations.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { Spool } from '../audit/write/spool.ts'
import { tendSchema } from '../audit/write/tend-schema.ts'
import { spoolDirectory } from '../storage/beside-database.ts'
import { erasureOf } from './erasure-parts.ts'
import type { Base } from './ground.ts'
import { replaysOf } from './replays.ts'

/** The trail: who writes it, what waits to be written, and what reads, proves and erases it. */
export interface TrailParts {
  readonly key: SigningKey
  readonly eventTypes: EventTypes
  readonly writer: AuditWriter
  readonly logs: StoredEntries
  readonly spool: Spool
  readonly erasure: Erasure
  readonly observations: Observations
  readonly events: AuditEvents
  readonly evidence: Evidence
}

/** @throws {ChatwardenError} `CONFIG_INVALID` if the trail was signed with another key than there is. */
export async function trailParts({ options, config, database, reader, clock, heard, log }: Base): Promise<TrailParts> {
  const key = new SigningKey(config)
  await checkSigningKey(reader, key)
  checkVisibility(options.events ?? {})
  const eventTypes = { ...options.events, ...EVENT_TYPES }
  const writer = new AuditWriter(database, eventTypes, clock, key, { clockWatch: new ClockWatch(clock, heard) })
  const foreign = await tendSchema(database, writer)
  if (foreign.length > 0)
    log.warn({ objects: foreign.slice(0, 20) }, 'The database has objects that are not of Chatwarden')
  const spool = new Spool(spoolDirectory(config), log)
  const erasure = erasureOf(config, clock, (isTheirs) => spool.removeMatching(isTheirs))
  const observations = new Observations(writer, spool, clock, log, (text) => erasure.hashOf(text))
  return {
    key,
    eventTypes,
    writer,
    logs: new StoredEntries(reader),
    spool,
    erasure,
    observations,
    events: new AuditEvents(observations),
    evidence: new Evidence({
      reader,
      key,
      clock,
      openSnapshot: () => database.openSnapshot(),
      replays: replaysOf,
    }),
  }
}
