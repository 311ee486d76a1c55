/** Counts per day, stacked by series. */
export interface StackedDays {
  readonly title: string
  readonly subtitle: string
  /** `YYYY-MM-DD`, oldest first, every day of the range, also empty ones. */
  readonly days: readonly string[]
  /** One value for each day. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** Draws for commands, which know no charts library. */
export interface Charts {
  /** A PNG for the screen of a phone. */
  stackedDays(chart: StackedDays): Promise<Uint8Array>
  /** One line of characters, for where there are no pictures. */
  sparkline(values: readonly number[]): string
}
