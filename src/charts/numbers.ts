import { widthOf } from './text-width.ts'

const grouping = new Intl.NumberFormat('en-US')
const shortening = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** 12,345 */
export const grouped = (value: number): string => grouping.format(value)

/** 12.3K */
const compact = (value: number): string => shortening.format(value)

/** How to write all of `values` alike, each in `width` pixels: in full, else shortened, else not at all. */
export function writing(values: readonly number[], width: number, fontSize: number): typeof grouped | undefined {
  return [grouped, compact].find((write) => values.every((value) => widthOf(write(value), fontSize) <= width))
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
