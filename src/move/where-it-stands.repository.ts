import { unverifiedCheckpoint } from '../audit/tree/checkpoint.ts'
import { leafIn, tileOfLeaf } from '../audit/tree/tiles.ts'
import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import type { Snapshot } from '../storage/contract.ts'
import { ARRIVING } from '../storage/moves.ts'
import type { TableShape } from '../storage/postgresql/table-shapes.ts'
import type { Destination } from './destination.repository.ts'
import { MoveError } from './move-error.ts'

/** `new`: nothing is there yet; `begun`: a run before was stopped; `done`: the trail is there. */
export type Standing = 'new' | 'begun' | 'done'

/** Written by no move, or by each process for itself. */
const NOT_TAKEN = ['_prisma_migrations', 'audit_policy', 'audit_moves', 'leases', 'rate_limits']

/**
 * How far the move between these two has come. Changes nothing.
 * @throws {MoveError} where it cannot take place: the source went elsewhere, or the destination has something else.
 */
export async function agree(
  source: Snapshot,
  movedTo: string | undefined,
  destination: Destination,
): Promise<Standing> {
  const { label } = destination
  if (movedTo !== undefined && movedTo !== label)
    throw new MoveError(`this trail was moved to ${movedTo} before, so it cannot be moved to ${label}.`)
  const move = (await destination.hasTrail()) ? await destination.move() : undefined
  if (move?.id === ARRIVING) {
    await refuseAnother(source, move.destination, destination)
    return 'begun'
  }
  if (move !== undefined) throw new MoveError(`--to: the trail of ${label} was moved to ${move.destination} itself.`)
  const filled = (await destination.hasTrail()) ? await whatIsIn(destination) : undefined
  if (movedTo === undefined && filled === undefined) return 'new'
  const own = await originOf(source)
  if (movedTo !== undefined && (own === '' || filled?.origin === own)) return 'done'
  if (movedTo !== undefined)
    throw new MoveError(`this trail was moved to ${label} before, and it is no longer there. See docs/move.md.`)
  throw new MoveError(
    `--to: ${label} is not empty: it has ${filled?.what}. Make a database for the trail. Example: createdb chatwarden`,
  )
}

/** What a run before has copied must be of this very trail. */
async function refuseAnother(source: Snapshot, origin: string, destination: Destination): Promise<void> {
  const own = await originOf(source)
  const [last] = await destination.seen.read<[number, Buffer]>(
    'SELECT seq, leaf_hash FROM audit_logs ORDER BY seq DESC LIMIT 1',
  )
  const isOwn = (origin === '' || origin === own) && (last === undefined || (await hasLeaf(source, ...last)))
  if (!isOwn)
    throw new MoveError(`--to: another trail (${origin}) is on its way into ${destination.label}, not ${own}.`)
}

async function hasLeaf(source: Snapshot, seq: number, leaf: Buffer): Promise<boolean> {
  return leaf.equals(leafIn(await new StoredTrail(source).tile(tileOfLeaf(seq)), seq))
}

/** `undefined`: nothing but what an empty trail has. */
async function whatIsIn(destination: Destination): Promise<{ what: string; origin: string } | undefined> {
  const origin = await originOf(destination.seen)
  const tables = (await destination.tables()).filter(({ name }) => !NOT_TAKEN.includes(name) && name !== 'audit_head')
  if (origin !== '') return { what: `the trail ${origin}`, origin }
  for (const { name } of tables) {
    const [some] = await destination.seen.read(`SELECT 1 FROM "${name}" LIMIT 1`)
    if (some !== undefined) return { what: `rows in ${name}`, origin }
  }
  return undefined
}

/** The name of a trail; empty for one that has signed nothing yet. */
export async function originOf(snapshot: Snapshot): Promise<string> {
  const { checkpoint = '' } = (await new StoredTrail(snapshot).head()) ?? {}
  return unverifiedCheckpoint(checkpoint)?.origin ?? ''
}

export async function entriesTable(destination: Destination): Promise<TableShape> {
  const table = (await destination.tables()).find(({ name }) => name === 'audit_logs')
  if (table === undefined) throw new Error('The table audit_logs is missing.')
  return table
}

/** The tables that are taken besides the entries. */
export async function otherTables(source: readonly string[], destination: Destination): Promise<TableShape[]> {
  const tables = await destination.tables()
  return tables.filter(({ name }) => source.includes(name) && !NOT_TAKEN.includes(name) && name !== 'audit_logs')
}
