import type { Verification } from '../audit/verify/verify.ts'
import { listed } from '../kernel/listed.ts'
import { english } from '../text/english.ts'
import type { Print } from './print.ts'

const MOST = 20

/** The numbers of a trail, and what it does not explain. */
export function printFindings(verification: Verification, print: Print): void {
  const { isRead, origin, findings, foreign } = verification
  if (isRead) print(`${origin ?? 'The trail'}: ${english.trail.numbers(verification)}.`)
  for (const finding of findings) print(english.trail.finding(finding))
  if (foreign.length > 0) print(`Also in the database, and not of Chatwarden: ${listed(foreign, MOST)}.`)
  if (findings.length > 0) print(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`)
}
