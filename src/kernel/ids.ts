import { randomBytes, randomUUID } from 'node:crypto'

/** What ids of the same millisecond begin with. */
let last = { time: Number.NaN, text: '' }

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a text may be an id of ours. */
export const isId = (text: string): boolean => ID.test(text)

/** A UUIDv7 (RFC 9562, section 5.7): unique everywhere, ordered by the millisecond. */
export function newId(now = Date.now()): string {
  if (now !== last.time) {
    const time = now.toString(16).padStart(12, '0')
    last = { time: now, text: `${time.slice(0, 8)}-${time.slice(8)}-7` }
  }
  return last.text + randomUUID().slice(15)
}

/** What a person reads out to the operator, and what the log line carries too, e.g. `7F3A9C01`. */
export const newReference = (): string => randomBytes(4).toString('hex').toUpperCase()
