/** The file that a URL (`file:PATH`) names. */
export const databasePath = (url: string): string => url.replace(/^file:/, '')

// What belongs to one trail lies beside it, so that every process on it finds the same, and two trails share nothing.

/** Where the key that signs the trail lies if none is configured. */
export const signingKeyPath = (url: string): string => `${databasePath(url)}.signing-key`

/** Where events wait while the database takes none. */
export const spoolDirectory = (url: string): string => `${databasePath(url)}.spool`

/** Where archives lie if no directory is configured. */
export const archiveDirectory = (url: string): string => `${databasePath(url)}.archive`

/** Where it is written down whom erasures erased, by keyed hashes: what a backup that is restored must obey. */
export const erasureJournal = (url: string): string => `${databasePath(url)}.erasures`
