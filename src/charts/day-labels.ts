/** The widest of all dates, May 30, in Inter, and the least room between two, in ems. */
const WIDEST = 3.4
const APART = 0.4

const shortDate = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' })

/** 'Nov 21' of '2026-11-21'. */
const short = (day: string): string => shortDate.format(new Date(`${day}T00:00:00Z`))

/**
 * The days that get a label, by their index, with its text: the first, the last, and as many evenly between them as have room.
 * Where the days are of two years, the first label and the first one of the new year say which.
 * @param dayWidth pixels from one day to the next
 */
export function dayLabels(days: readonly string[], dayWidth: number, fontSize: number): ReadonlyMap<number, string> {
  const labelled = evenly(days.length, Math.ceil(((WIDEST + APART) * fontSize) / dayWidth))
  const years = labelled.map((index) => days[index]?.slice(0, 4))
  const isOneYear = new Set(years).size === 1
  return new Map(
    labelled.map((index, i) => {
      const text = short(days[index] ?? '')
      return [index, isOneYear || years[i] === years[i - 1] ? text : `${text}\n${years[i]}`]
    }),
  )
}

/** Indices from the first to the last, no two closer than `apart`, but for the two ends. */
function evenly(count: number, apart: number): number[] {
  const last = count - 1
  const gaps = Math.max(Math.floor(last / apart), Math.min(1, last))
  return Array.from({ length: gaps + 1 }, (_, i) => (gaps === 0 ? 0 : Math.round((i * last) / gaps)))
}
