const FIRST = Date.parse('0001-01-01T00:00:00Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** A moment as PostgreSQL reads it into a column without a time zone, which are UTC throughout; what is beyond years of four digits as the last of them. */
export const timeText = (date: Date): string =>
  new Date(Math.min(Math.max(date.getTime(), FIRST), LAST)).toISOString().slice(0, -1)
