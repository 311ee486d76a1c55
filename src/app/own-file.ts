import { join } from 'node:path'
import type { Config } from '../config.ts'
import { isIn, isNamedAfter, isSamePlace } from '../kernel/same-place.ts'
import {
  archiveDirectory,
  databasePath,
  erasureJournal,
  instancePath,
  isPostgres,
  signingKeyPath,
  spoolDirectory,
} from '../storage/beside-database.ts'

/** What Chatwarden lives by, of its configuration. */
export type OwnPlaces = Pick<Config, 'databaseUrl' | 'dataDir'> & {
  readonly archive: Pick<Config['archive'], 'directory'>
  readonly whatsapp: Pick<Config['whatsapp'], 'sessionDirectory'>
}

/**
 * What a path is of Chatwarden’s own files, in words that go on from its name, also where none lies there yet;
 * `undefined`: nothing, so that a file may be written there.
 */
export function ownFileAt(places: OwnPlaces, path: string): string | undefined {
  const file = files(places).find(([own]) => isSamePlace(path, own))
  if (file !== undefined) return `is ${file[1]}`
  const folder = folders(places).find(([own]) => isIn(path, own))
  if (folder !== undefined) return `is in the folder of ${folder[1]}`
  if (isNamedAfterOwn(places, path))
    return 'has a name that begins like the database of this trail, as its own files do'
  return isArchive(places, path) ? 'is an archive of this trail' : undefined
}

type Named = readonly [path: string, what: string]

function files(places: OwnPlaces): readonly Named[] {
  const { databaseUrl, dataDir } = places
  return [
    ...(isPostgres(databaseUrl) ? [] : [[databasePath(databaseUrl), 'the database of this trail'] as const]),
    [signingKeyPath(places), 'the key that signs this trail'],
    [instancePath(places), 'the file by which this bot is known'],
    [erasureJournal(places), 'the list of whom erasures erased'],
    [join(dataDir, 'settings.key'), 'the key of secret settings'],
    ['.env', 'the configuration'],
  ]
}

function folders(places: OwnPlaces): readonly Named[] {
  return [
    [spoolDirectory(places), 'entries that wait for the database'],
    [archiveDirectory(places), 'archives'],
    [places.whatsapp.sessionDirectory, 'the keys of the linked device'],
  ]
}

/** Beside a file everything that is named after it; of a database on a server, what its few files leave beside them. */
function isNamedAfterOwn(places: OwnPlaces, path: string): boolean {
  const { databaseUrl } = places
  if (!isPostgres(databaseUrl)) return isNamedAfter(path, databasePath(databaseUrl), ['-', '.'])
  return [signingKeyPath, instancePath, erasureJournal].some((own) => isNamedAfter(path, own(places), ['.']))
}

/** In a folder for archives that was chosen other files may lie too. */
const isArchive = ({ archive: { directory } }: OwnPlaces, path: string): boolean =>
  directory !== undefined && /[\\/]\d{4}[\\/]audit-\d+-\d+-[0-9a-f]{8}\./.test(path) && isIn(path, directory)
