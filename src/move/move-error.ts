import { Problem } from '../kernel/problem.ts'
import { isDamaged, isSqliteError } from '../storage/database-error.ts'

/** What keeps a trail from being moved, in words for whoever asked for it. */
export class MoveError extends Problem {
  override readonly name = 'MoveError'
}

interface Failure {
  readonly code?: unknown
  readonly message: string
}

/** What the server or the connection to it said, as what it means for a move. Anything else as it is. */
export function asMoveError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof MoveError) return error
  // A migration says itself what to do, but it knows of a bot alone.
  const said = (error.cause as Failure | undefined)?.code === '42501' ? error.cause : error
  if ((said as Error).name === 'ChatwardenError') return error
  const { code, message } = said as Failure
  // A damaged file is told by whoever called, and one on the disk says its own path.
  if (isDamaged(error)) return error
  if (isSqliteError(error)) return new MoveError(`--from: ${message}`, { cause: error })
  if ('syscall' in error && 'path' in error) return new MoveError(message, { cause: error })
  if (code === '42501')
    return new MoveError(
      `the user of --to may not do that in ${where} (${message}). Name the owner of the database. Example: --to postgresql://owner:…@host/chatwarden`,
      { cause: error },
    )
  const isOfServer = typeof code === 'string' || /^(?:Connection|timeout|Client has|SASL|The server)/.test(message)
  return isOfServer ? new MoveError(`${where}: ${message || String(code)}`, { cause: error }) : error
}
