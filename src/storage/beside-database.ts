/** The file that a URL (`file:PATH`) names. */
export const databasePath = (url: string): string => url.replace(/^file:/, '')

// What belongs to one trail lies beside it, so that every process on it finds the same, and two trails share nothing.

/** Where the key that signs the trail lies if none is configured. */
export const signingKeyPath = (url: string): string => `${databasePath(url)}.signing-key`

/** Where events wait while the database takes none. */
export const spoolDirectory = (url: string): string => `${databasePath(url)}.spool`
