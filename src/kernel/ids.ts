import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A UUIDv7 (RFC 9562, section 5.7): unique everywhere, ordered by time within a process. */
export const newId = (): string => v7()

/** What a person reads out to the operator, and what the log line carries too, e.g. `7F3A9C01`. */
export const newReference = (): string => randomBytes(4).toString('hex').toUpperCase()
