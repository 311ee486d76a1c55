import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where a trail is: which database, and the directory of the bot's own files. */
export interface TrailPlace {
  /** `file:PATH`, or `postgresql://…`. */
  readonly databaseUrl: string
  readonly dataDir?: string
}

export const isPostgres = (url: string): boolean => /^postgres(?:ql)?:\/\//.test(url)

/** The file that a URL (`file:PATH`) names. */
export const databasePath = (url: string): string => url.replace(/^file:/, '')

/** A database as people may read it: without its user and password. */
export function databaseLabel(url: string): string {
  if (!isPostgres(url)) return databasePath(url)
  const { host, pathname } = new URL(url)
  return `postgresql://${host}${pathname}`
}

/** Whether a URL names a file that is not there. What a server has shows when it is asked. */
export const isMissing = (url: string): boolean => !isPostgres(url) && !existsSync(databasePath(url))

// What belongs to one trail lies beside it, so that every process on it finds the same, and two trails share nothing.
// Beside a database on a server there is no place: then it lies in the bot's directory, under the database's name.
function beside({ databaseUrl, dataDir = '.' }: TrailPlace): string {
  if (!isPostgres(databaseUrl)) return databasePath(databaseUrl)
  return join(dataDir, decodeURIComponent(new URL(databaseUrl).pathname.slice(1)).replace(/[^\w.-]/g, '_'))
}

/** Where the key that signs the trail lies if none is configured. */
export const signingKeyPath = (place: TrailPlace): string => `${beside(place)}.signing-key`

/** Where events wait while the database takes none. */
export const spoolDirectory = (place: TrailPlace): string => `${beside(place)}.spool`

/** Where it is written down which bot this is, of several that share a database on a server. */
export const instancePath = (place: TrailPlace): string => `${beside(place)}.instance`

/** Where archives lie if no directory is configured. */
export const archiveDirectory = (place: TrailPlace): string => `${beside(place)}.archive`

/** Where it is written down whom erasures erased, by keyed hashes: what a backup that is restored must obey. */
export const erasureJournal = (place: TrailPlace): string => `${beside(place)}.erasures`
