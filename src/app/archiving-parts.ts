import type { ArchiveParts } from '../audit/archive/archive-parts.ts'
import type { Exporter } from '../audit/export/exporter.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { SigningKey } from '../audit/write/signing-key.ts'
import { trailKeys } from '../audit/write/trail-keys.repository.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { ObjectStore } from '../kernel/object-store.ts'
import { archiveDirectory } from '../storage/beside-database.ts'
import type { Reader } from '../storage/contract.ts'
import { knownSubjectHash } from './subject-hash.ts'

interface Given {
  readonly config: Config
  readonly reader: Reader
  readonly writer: AuditWriter
  readonly exporter: Exporter
  readonly key: SigningKey
  readonly clock: Clock
  readonly log: Logger
  readonly objects: ObjectStore | undefined
}

/** What archives are made with, of what is configured. */
export function archivingParts({ config, key, ...given }: Given): ArchiveParts {
  const { directory = archiveDirectory(config), years, storageClass } = config.archive
  return {
    ...given,
    hashOf: knownSubjectHash(config),
    directory,
    years,
    storageClass,
    keys: () => trailKeys(given.reader, key.refresh().verifier),
  }
}
