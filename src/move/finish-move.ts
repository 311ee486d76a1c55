import { subtractRuns } from '../audit/entry/coverage.ts'
import { type Draft, draft } from '../audit/entry/draft.ts'
import { auditEvent } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { treeHead, unverifiedHead } from '../audit/tree/checkpoint.ts'
import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import { verify } from '../audit/verify/verify.ts'
import type { Head } from '../audit/write/trail.repository.ts'
import type { Snapshot } from '../storage/contract.ts'
import type { TableShape } from '../storage/postgresql/table-shapes.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { copyBeside } from './beside.ts'
import { bringEntries } from './bring-entries.ts'
import type { Destination } from './destination.repository.ts'
import type { MovedTrail, MoveRequest, Objection } from './move.ts'
import { MoveError } from './move-error.ts'
import { presentIn, tablesIn } from './source.repository.ts'
import { digestOf, pagesOf } from './table-rows.repository.ts'
import { otherTables } from './where-it-stands.repository.ts'

interface Finish {
  readonly from: string
  readonly destination: Destination
  readonly table: TableShape
  readonly batch: number
  /** Says at the source that the trail is elsewhere. */
  mark(): void
}

/** Undoes what was done at the destination, and is what came of it. */
class Rejected extends Error {
  readonly objection: Objection
  constructor(objection: Objection) {
    super('The copy is not the trail.')
    this.objection = objection
  }
}

/**
 * Brings the rest while nobody writes to the source, checks everything, and lets the trail change over. All that is done
 * at the destination is one transaction, which sees itself. The source is marked before it is committed: a crash in
 * between leaves no database that a bot starts on, and the next run commits the same trail; the other way round it might leave
 * two.
 */
export async function finishMove(request: MoveRequest, finish: Finish): Promise<Omit<MovedTrail, 'spool'> | Objection> {
  const { destination, mark } = finish
  const { onStage = () => {} } = request
  const key = request.key()
  try {
    return await destination.transaction(async () => {
      const { head, rows } = await withSnapshot(finish.from, (source) => bringRest(source, request, finish))
      await onStage('brought')
      const verification = await verify(destination.seen, {
        keys: [key.current().verifier],
        replays: request.replays(),
        now: new Date(request.clock.now()),
        // Its indices were made just now, of these very rows.
        isSound: true,
        ...(request.onCheck && { onProgress: request.onCheck }),
      })
      if (verification.findings.length > 0) throw new Rejected({ findings: verification })
      const files = await copyBeside(request.beside)
      await destination.append(arrival(request, destination, head), key, head)
      await onStage('verified')
      mark()
      await onStage('marked')
      return { destination: destination.label, verification, checkpoint: head.checkpoint, rows, files }
    })
  } catch (error) {
    if (error instanceof Rejected) return error.objection
    throw error
  }
}

/** The file could go on too, if somebody took its mark away: this tells the one from the other. */
function arrival({ actor, clock }: MoveRequest, { label }: Destination, { checkpoint }: Head): Draft {
  const metadata = { to: label, ...treeHead(unverifiedHead(checkpoint)) }
  return draft(auditEvent('AUDIT_MOVED', actor, { source: 'cli' }, metadata), EVENT_TYPES, clock.now())
}

async function bringRest(source: Snapshot, request: MoveRequest, { destination, table, batch }: Finish) {
  const { onCopy = () => {} } = request
  const head = await readHead(source)
  const removed = await bringEntries({ source, destination, table, batch, onCopy })
  if (removed.length > 0) await destination.remove(removed)
  const tables = await otherTables(await tablesIn(source), destination)
  for (const each of tables.filter(({ name }) => name !== 'audit_head'))
    for await (const page of pagesOf(source, each)) await destination.add(each, page)
  await destination.settle(head)
  const rows: Record<string, number> = {}
  for (const each of tables) rows[each.name] = await compare(each, source, destination)
  const [there, here] = [await presentIn(source), await presentIn(destination.seen)]
  if (subtractRuns(there, here).length + subtractRuns(here, there).length > 0)
    throw new Rejected({ problem: 'the entries in it are not those of the file' })
  return { head, rows }
}

/** @returns how many rows both have. */
async function compare(table: TableShape, source: Snapshot, destination: Destination): Promise<number> {
  const [there, here] = [await digestOf(source, table), await digestOf(destination.seen, table)]
  if (there.sha256 !== here.sha256)
    throw new Rejected({
      problem: `the table ${table.name} is another: ${there.rows} rows in the file, ${here.rows} on the server`,
    })
  return here.rows
}

async function readHead(source: Snapshot): Promise<Head> {
  const head = await new StoredTrail(source).head()
  if (head === undefined) throw new MoveError('the trail has no head. See: chatwarden verify')
  const { size, lastCreatedAt, checkpoint } = head
  return { size: Number(size), lastCreatedAt: new Date(Number(lastCreatedAt)), checkpoint }
}
