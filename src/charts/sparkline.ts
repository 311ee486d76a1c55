/** Eight heights from the least to the most; a zero is a dot, so that it never looks like a little. */
const LEVELS = '▁▂▃▄▅▆▇█'
const NONE = '·'
const MOST_CHARACTERS = 60

/**
 * Counts as one line of text, a character each, scaled to the greatest. More than 60 are added up in groups of equally many
 * neighbours; the first group may be smaller, so that the newest is always a whole one. `greatest`: for lines that are
 * compared with each other, the greatest character of all of them.
 */
export function sparkline(values: readonly number[], greatest?: number): string {
  const groups = inGroups(values)
  const scale = greatest ?? Math.max(...groups, 0)
  return groups.map((value) => (value > 0 ? LEVELS[levelOf(value, scale)] : NONE)).join('')
}

function levelOf(value: number, greatest: number): number {
  return Math.max(0, Math.ceil((value / greatest) * LEVELS.length) - 1)
}

function inGroups(values: readonly number[]): number[] {
  const size = Math.ceil(values.length / MOST_CHARACTERS)
  const count = size === 0 ? 0 : Math.ceil(values.length / size)
  return Array.from({ length: count }, (_, group) => {
    const end = values.length - (count - 1 - group) * size
    return sum(values.slice(Math.max(0, end - size), end))
  })
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
