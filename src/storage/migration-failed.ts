import { ChatwardenError } from '../kernel/errors.ts'
import { databaseMessage, isConnectionLost } from './database-error.ts'
import { obstacleOf } from './obstacle.ts'

/** What kept a migration from being applied: what is in the way of all of them, as it is, or else its own fault. */
export function migrationFailed(name: string, cause: unknown): unknown {
  if (isConnectionLost(cause) || obstacleOf(cause).advice !== undefined) return cause
  return new ChatwardenError('MIGRATION_FAILED', `Migration ${name}: ${databaseMessage(cause)}.`, { cause })
}
