import type { Objection } from '../backup/check-file.ts'
import { isSystemError, Problem } from '../kernel/problem.ts'
import { isSqliteError } from '../storage/database-error.ts'
import { type Print, printProblem } from './print.ts'
import { printFindings } from './print-findings.ts'

/** Done; could not; something is wrong with the backup. */
export const EXIT = { done: 0, failed: 3, findings: 5 } as const

/** Says in a line what kept `work` from being done. @returns the exit code. */
export async function orCouldNot(what: string, print: Print, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    // The disk, the file system, the database: their own words say enough.
    if (!(error instanceof Problem || isSystemError(error) || isSqliteError(error))) throw error
    printProblem(`Could not ${what}: ${error.message}`, print)
    return EXIT.failed
  }
}

/** Why a file is not used, as `chatwarden verify` would say it. @returns the exit code. */
export function printObjection(objection: Objection, consequence: string, print: Print): number {
  if ('problem' in objection) print(`damaged: ${objection.problem}`)
  else printFindings(objection.verification, print)
  print(consequence)
  return EXIT.findings
}
