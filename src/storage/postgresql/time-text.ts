/** A moment as PostgreSQL reads it into a column without a time zone, which are UTC throughout. */
export const timeText = (date: Date): string => date.toISOString().slice(0, -1)
