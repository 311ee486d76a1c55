import { type Section, table } from '../part.ts'
import type { Report } from '../report.ts'
import { number } from './shown.ts'

export function sizeSection({ size }: Report): Section {
  const megabytes = (size.bytes / 1_000_000).toFixed(1)
  const rows = [
    ['Entries', number(size.entries)],
    ['Database', `${megabytes} MB (${number(size.bytes)} bytes)`],
  ]
  return { title: 'Size', parts: [table(['', ''], rows)] }
}
