import type { Json } from '../../kernel/json.ts'
import type { ShownEntry } from './subject-view.ts'

/** What stands above the entries. */
export interface Header {
  readonly subject: string
  readonly madeAt: Date
  /** Who asked; nobody's number but the subject's own is readable. */
  readonly madeFor: { readonly role: string; readonly account: string }
  readonly timeZone: string
  readonly entryCount: number
  readonly person: { readonly [name: string]: Json }
  /** What the person should know of it, sentence by sentence. */
  readonly notes: readonly string[]
}

/** How what there is about somebody becomes a file, piece by piece. */
export interface Page {
  readonly extension: string
  head(header: Header): string
  /** `isFirst`: no entry stands before these. */
  entries(entries: readonly ShownEntry[], isFirst: boolean): string
  tail(): string
}
