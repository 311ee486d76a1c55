/** A report as it is shown, before it is text or a page. Nothing in it is escaped yet. */
export interface Document {
  readonly title: string
  readonly subtitle: string
  readonly sections: readonly Section[]
}

export interface Section {
  readonly title: string
  readonly parts: readonly Part[]
}

export type Part = Line | Table | Hours

export interface Line {
  readonly kind: 'line'
  readonly text: string
  /** Somebody should do something about it. */
  readonly isWarning: boolean
}

export interface Table {
  readonly kind: 'table'
  /** Empty titles for a table that needs none. */
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean }[]
  readonly rows: readonly (readonly string[])[]
}

/** Counts of hours that follow one another. */
export interface Hours {
  readonly kind: 'hours'
  readonly hours: readonly { readonly label: string; readonly count: number }[]
  readonly empty: readonly { readonly first: number; readonly count: number }[]
  /** When the last hour ends. */
  readonly end: string
}

export const line = (text: string): Line => ({ kind: 'line', text, isWarning: false })
export const warning = (text: string): Line => ({ kind: 'line', text, isWarning: true })

/** A table from the titles of its columns. One of numbers ends in `#`. */
export function table(titles: readonly string[], rows: Table['rows']): Table {
  const columns = titles.map((title) => ({ title: title.replace(/#$/, ''), isNumber: title.endsWith('#') }))
  return { kind: 'table', columns, rows }
}
