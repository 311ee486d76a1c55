import type { ObjectStore } from '../../kernel/object-store.ts'
import type { Reader } from '../../storage/contract.ts'
import type { FailureTold } from './export-attempts.ts'
import type { Exporter } from './exporter.ts'

export interface DailyExportParts extends FailureTold {
  readonly directory: string
  /** So many of the newest days are caught up, and keep their files. */
  readonly keepDays: number
  readonly exporter: Exporter
  readonly reader: Reader
  /** Where the files are uploaded, too. */
  readonly objects: ObjectStore | undefined
}
