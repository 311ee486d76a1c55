import { timeFormat } from '../text/time.ts'

/** Writes moments of a report in a time zone (IANA name). */
export interface LocalTime {
  readonly timeZone: string
  /** `YYYY-MM-DD HH:mm`, also of what somebody may have written into the database in place of a moment. */
  time(moment: Date): string
  /** The same of moments of one period: where its clocks are changed, with the hours from GMT, so that no two look alike. */
  labels(moments: readonly Date[]): string[]
}

export function localTime(timeZone: string): LocalTime {
  const format = timeFormat(timeZone)
  const time = (moment: Date) => (Number.isNaN(moment.getTime()) ? 'no time' : format(moment))
  const offset = offsetFormat(timeZone)
  return {
    timeZone,
    time,
    labels: (moments) => {
      const isOneOffset = new Set(moments.map(offset)).size <= 1
      return moments.map((moment) => time(moment) + (isOneOffset ? '' : ` ${offset(moment)}`))
    },
  }
}

function offsetFormat(timeZone: string): (moment: Date) => string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'shortOffset' })
  return (moment) => format.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}
