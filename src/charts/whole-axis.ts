const MOST_STEPS = 5

export interface WholeAxis {
  readonly max: number
  /** Between two lines of the axis: a whole number, 1, 2 or 5 times a power of ten. `max` is a multiple of it. */
  readonly step: number
}

/** An axis from 0 that holds `greatest` in at most five steps. */
export function wholeAxis(greatest: number): WholeAxis {
  const least = Math.max(1, greatest / MOST_STEPS)
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? least
  return { max: Math.max(1, Math.ceil(greatest / step)) * step, step }
}
