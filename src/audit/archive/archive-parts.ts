import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import type { ObjectStore } from '../../kernel/object-store.ts'
import { removeAbandoned } from '../../kernel/partial-file.ts'
import type { Reader } from '../../storage/contract.ts'
import type { Actor, Place } from '../entry/entry.ts'
import type { Exporter } from '../export/exporter.ts'
import { manifestOf, sidecarOf } from '../export/sidecar.ts'
import type { Verifier } from '../tree/note.ts'
import type { AuditWriter } from '../write/audit-writer.ts'

/** What archives are made, kept and brought back with. */
export interface ArchiveParts {
  readonly reader: Reader
  readonly writer: AuditWriter
  readonly exporter: Exporter
  readonly clock: Clock
  readonly log: Logger
  /** Where they lie. */
  readonly directory: string
  /** How long they are kept. */
  readonly years: number
  readonly objects: ObjectStore | undefined
  readonly storageClass: string | undefined
  /** The keys that signed the trail at some time. */
  keys(): Promise<readonly Verifier[]>
  /** What stands for a person where their number must not: see `Erasure`. */
  hashOf(text: string): string
}

/** Who acts on an archive. */
export interface ArchiveActor {
  readonly actor: Actor
  readonly place: Place
}

export const archivePath = ({ directory }: Pick<ArchiveParts, 'directory'>, name: string): string =>
  join(directory, name)

/** Where it lies in the object store. */
const archiveKey = (name: string): string => `archive/${name}`

/** Removes what processes left that were killed while they wrote an archive: it may hold who is erased since. */
export async function removeLeftovers({ directory }: Pick<ArchiveParts, 'directory'>): Promise<void> {
  for (const year of await readdir(directory).catch(() => [])) await removeAbandoned(join(directory, year))
}

/** The file and what lies beside it: where they are here, and in the object store. */
export const archiveFiles = (parts: Pick<ArchiveParts, 'directory'>, name: string): { path: string; key: string }[] => {
  const path = archivePath(parts, name)
  return [path, manifestOf(path), sidecarOf(path)].map((file) => ({
    path: file,
    key: archiveKey(name) + file.slice(path.length),
  }))
}
