import { pageText } from '../kernel/page-text.ts'
import type { Hours } from './part.ts'

const LABEL = 190
const STEP = 22
const BAR = 18
const TOTAL = 80
const WIDTH = LABEL + 24 * STEP + TOTAL
/** A count that is not zero is seen. */
const LEAST = 2

/** Bars of hours, a row for each 24 of them, all by one measure. An hour without any entry has a mark in place of a bar. */
export function hoursSvg({ hours }: Hours): string {
  const rows = Array.from({ length: Math.ceil(hours.length / 24) }, (_, row) => hours.slice(row * 24, (row + 1) * 24))
  const height = rows.length === 1 ? 120 : 44
  const greatest = Math.max(...hours.map(({ count }) => count), 1)
  const drawn = rows.map((row, index) => drawRow(row, (index + 1) * height, (height - 12) / greatest))
  return `<svg viewBox="0 0 ${WIDTH} ${rows.length * height + 4}" role="img" aria-label="Entries per hour">${drawn.join('')}</svg>`
}

/** @param scale the height of one entry */
function drawRow(row: Hours['hours'], bottom: number, scale: number): string {
  const total = row.reduce((sum, { count }) => sum + count, 0)
  const bars = row.map(({ label, count }, hour) => {
    const height = count === 0 ? LEAST : Math.max(LEAST, count * scale)
    const place = `x="${LABEL + hour * STEP}" y="${round(bottom - height)}" width="${BAR}" height="${round(height)}"`
    return `<rect class="${count === 0 ? 'none' : 'bar'}" ${place}><title>${pageText(`${label}: ${count}`)}</title></rect>`
  })
  const text = (x: number, words: string) => `<text x="${x}" y="${bottom}">${pageText(words)}</text>`
  return text(0, row[0]?.label ?? '') + bars.join('') + text(LABEL + 24 * STEP + 8, total.toLocaleString('en'))
}

const round = (length: number): number => Math.round(length * 10) / 10
