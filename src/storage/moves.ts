import { ChatwardenError } from '../kernel/errors.ts'

/** The row of `audit_moves` of a trail that goes on elsewhere. */
export const MOVED = 1
/** That of a trail which is only on its way in. The head takes nothing as long as there is either row. */
export const ARRIVING = 2

/** What a database says of a move. */
export interface Move {
  readonly id: number
  /** Where the trail is now; of one on its way in, its name. */
  readonly destination: string
  readonly movedAt: Date
}

/** @throws {ChatwardenError} `CONFIG_INVALID` for a database that is not the whole trail: no bot may go on from it. */
export function refuseMoved(move: Move | undefined): void {
  if (move?.id === MOVED)
    throw new ChatwardenError(
      'CONFIG_INVALID',
      `This trail was moved to ${move.destination} on ${move.movedAt.toISOString()}. Let DATABASE_URL name that database.`,
    )
  if (move !== undefined)
    throw new ChatwardenError(
      'CONFIG_INVALID',
      `The trail ${move.destination} is only on its way into this database, since ${move.movedAt.toISOString()}. Finish it: chatwarden move --from file:… --to postgresql://…`,
    )
}
