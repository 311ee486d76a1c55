const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)$/i
/** From here on a number is milliseconds, below it seconds: the one since 1973, the other until 5138. */
const MILLISECONDS_FROM = 1e11

/**
 * A moment as other logs write it: ISO 8601 with its zone, also with a space as databases have it, or seconds or
 * milliseconds since 1970. @returns `undefined` for a time that could be several, and for what no calendar has.
 */
export function parseSourceTime(text = ''): Date | undefined {
  if (/^\d{9,13}$/.test(text)) return new Date(Number(text) * (Number(text) < MILLISECONDS_FROM ? 1000 : 1))
  const [, day = '', time = '', zone = ''] = ISO.exec(text) ?? []
  const midnight = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  const moment = new Date(`${day}T${time}${sign}${hours}:${minutes}`)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}
