/** Entries that follow one another, by the `seq` of the first and the last. */
export type Run = readonly [first: number, last: number]

/** The runs in a value that may be anything. */
export const runsIn = (value: unknown): Run[] =>
  Array.isArray(value)
    ? value.filter((run) => Array.isArray(run) && run.length === 2 && run.every(Number.isSafeInteger))
    : []

/** How many runs one entry names at most. The database looks up each removed row in them, so that many would keep others waiting. */
export const MAX_RUNS = 250

/** Runs in any order as the fewest that cover the same, ascending. */
export function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: [number, number][] = []
  for (const [first, last] of [...runs].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** Numbers in any order as runs: 1, 2, 3, 7 become [1, 3], [7, 7]. */
export const runsOf = (seqs: readonly number[]): Run[] => mergeRuns(seqs.map((seq) => [seq, seq]))

/** What of `runs` is not in `covered`; both ascending and without overlap. */
export function subtractRuns(runs: readonly Run[], covered: readonly Run[]): Run[] {
  const left: Run[] = []
  let next = 0
  for (const [first, last] of runs) {
    let from = first
    while (next < covered.length && (covered[next]?.[1] ?? 0) < from) next++
    for (let at = next; from <= last; at++) {
      const cover = covered[at]
      if (cover === undefined || cover[0] > last) {
        left.push([from, last])
        break
      }
      if (cover[0] > from) left.push([from, cover[0] - 1])
      from = cover[1] + 1
    }
  }
  return left
}

/** Whether one of `runs`, which are ascending and without overlap, has this number. */
export function covers(runs: readonly Run[], seq: number): boolean {
  let low = 0
  for (let high = runs.length; low < high; ) {
    const middle = (low + high) >>> 1
    if ((runs[middle]?.[1] ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return (runs[low]?.[0] ?? Number.POSITIVE_INFINITY) <= seq
}

export const countOf = (runs: readonly Run[]): number => runs.reduce((sum, [first, last]) => sum + last - first + 1, 0)
