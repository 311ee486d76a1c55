/** One entry of a file and where it stands; a `problem` in place of what could not be read. */
export interface SourceRecord {
  readonly place: string
  readonly value?: unknown
  readonly problem?: string
}
