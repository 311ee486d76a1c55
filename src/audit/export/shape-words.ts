import type { FilterProblem, FilterWords } from '../read/filter-grammar.ts'
import type { ExportFormat, ExportShape } from './formats.ts'

type Shape = ExportShape & { readonly gzip: boolean }

/** How a file is written that is asked for in these words; the word of a CSV alone, where it is to be none. */
export function shapeOf(
  { format: typed, profile, bom }: FilterWords,
  otherwise: ExportFormat,
): { readonly shape: Shape } | { readonly problem: FilterProblem } {
  const name = typed ?? otherwise
  const format = name.replace('.gz', '') as ExportFormat
  for (const [key, value] of Object.entries({ profile, bom }))
    if (value !== undefined && format !== 'csv') return { problem: { kind: 'invalid', word: `${key}:${value}`, key } }
  return { shape: { format, profile, bom: bom === 'yes', gzip: name.endsWith('.gz') } }
}
