import { databasePath } from '../storage/beside-database.ts'
import { lockSqlite } from '../storage/lock-sqlite.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { checkBeside, moveSpool } from './beside.ts'
import { bringEntries } from './bring-entries.ts'
import { Destination } from './destination.repository.ts'
import { finishMove } from './finish-move.ts'
import type { MovedBefore, MovedTrail, MoveRequest, Objection } from './move.ts'
import { asMoveError } from './move-error.ts'
import { movedFrom, prepareSource } from './source.repository.ts'
import { agree, entriesTable, originOf } from './where-it-stands.repository.ts'

const BATCH = 10_000

/**
 * Takes a whole trail from a file to a server. What a run before has copied is not copied again; until the end the
 * destination is no trail, and the source remains one.
 * @throws {MoveError} for what keeps it from being done.
 */
export async function moveTrail(request: MoveRequest): Promise<MovedTrail | MovedBefore | Objection> {
  const { beside } = request
  const from = beside.from.databaseUrl
  await prepareSource(from)
  // Without it nothing could be checked in the end.
  request.key()
  const destination = await Destination.connect(beside.to.databaseUrl)
  try {
    return await move(request, from, destination)
  } catch (error) {
    throw asMoveError(error, destination.label)
  } finally {
    await destination.close()
  }
}

async function move(request: MoveRequest, from: string, destination: Destination) {
  const { beside, batch = BATCH, onStage = () => {}, onCopy = () => {} } = request
  const moved = await movedFrom(from)
  const standing = await withSnapshot(from, (source) => agree(source, moved?.destination, destination))
  if (moved !== undefined && standing === 'done')
    return { destination: destination.label, movedAt: new Date(moved.movedAt), spool: await moveSpool(beside) }
  await checkBeside(beside)
  await destination.migrate()
  if (standing === 'new') await destination.announce(await withSnapshot(from, originOf))
  const table = await entriesTable(destination)
  await onStage('copying')
  // Of what is there now: the bot may write meanwhile.
  await withSnapshot(from, (source) => bringEntries({ source, destination, table, batch, onCopy }))
  await destination.analyze()
  await onStage('copied')
  const lock = await lockSqlite(databasePath(from))
  try {
    await onStage('locked')
    const mark = () => {
      if (moved === undefined) lock.markMoved(destination.label, request.clock.now())
    }
    const outcome = await finishMove(request, { from, destination, table, batch, mark })
    if ('problem' in outcome || 'findings' in outcome) return outcome
    return { ...outcome, spool: await moveSpool(beside) }
  } finally {
    lock.release()
  }
}
