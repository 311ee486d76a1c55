import { ChatwardenError } from '../../kernel/errors.ts'
import type { DayName } from './export-days.ts'

/** What went wrong with the export of a day. */
export interface ExportFailure {
  readonly day: DayName
  /** Which step, and why, in a few words and with nothing secret in them. */
  readonly reason: string
}

/** A step of the export of a day that failed. */
export class ExportStepError extends Error {
  override readonly name = 'ExportStepError'
  readonly failure: ExportFailure

  constructor(day: DayName, step: 'export' | 'upload' | 'clean-up', cause: unknown) {
    const reason = `${step}: ${reasonOf(cause)}`
    super(`${day}, ${reason}`, { cause })
    this.failure = { day, reason }
  }
}

/** All files of a day must be there before it can be uploaded. */
export class FilesMissing extends Error {
  override readonly name = 'files are missing'
}

function reasonOf(error: unknown): string {
  if (error instanceof ChatwardenError && error.code === 'OBJECT_STORE_UNAVAILABLE') return storeReason(error)
  const { code, name } = error as NodeJS.ErrnoException
  return String(code ?? name)
}

/** Without the file it was about: the same problem with another file is no other problem. */
const storeReason = ({ message, code }: ChatwardenError): string => /: ([^:]+)\.$/.exec(message)?.[1] ?? code
