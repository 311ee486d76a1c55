/** Counts per day, stacked by series. */
export interface StackedDays {
  readonly title: string
  readonly subtitle: string
  /** 1 to 365 days as `YYYY-MM-DD`, oldest first, every one of them, also where nothing was counted. */
  readonly days: readonly string[]
  /** From the bottom up; `values` holds one count per day. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** Draws for commands, which know no charts library. */
export interface Charts {
  /** A PNG for the screen of a phone. */
  stackedDays(chart: StackedDays): Promise<Uint8Array>
  /** One line of characters, for where there are no pictures. */
  sparkline(values: readonly number[]): string
}
