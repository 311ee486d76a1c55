import { UsageError } from '../app/usage-error.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { shownLine } from '../kernel/plain-text.ts'
import { isSystemError, Problem } from '../kernel/problem.ts'
import { isDatabaseError } from '../storage/database-error.ts'
import { obstacleOf } from '../storage/obstacle.ts'
import { complain } from './print.ts'

/** Says what was thrown: a line for what somebody can put right, a stack for a fault of ours. @returns the exit code. */
export function explain(error: unknown, usage = ''): number {
  const isUsage = error instanceof UsageError || (error as { code?: string })?.code?.startsWith('ERR_PARSE_ARGS')
  if (isUsage) {
    complain(shownLine((error as Error).message), `\n${usage}`)
    return 2
  }
  const text = inWords(error)
  complain(text ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)))
  return text === undefined ? 1 : 3
}

function inWords(error: unknown): string | undefined {
  if (error instanceof ChatwardenError && error.code === 'CANNOT_START')
    return `Chatwarden cannot start.\n${error.message.split('\n').slice(1).join('\n')}`
  if (error instanceof ChatwardenError) return `Chatwarden cannot go on (${error.code}). ${error.message}`
  const { text, advice } = obstacleOf(error)
  if (isDatabaseError(error) || advice !== undefined)
    return `Chatwarden cannot go on: ${text}. ${advice ?? 'See: chatwarden doctor'}`
  // The only line breaks in the system’s words are those of a path.
  if (isSystemError(error)) return `Chatwarden cannot go on: ${shownLine(error.message)}`
  if (error instanceof Problem) return `Chatwarden cannot go on: ${error.message}`
  return undefined
}
