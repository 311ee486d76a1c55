import { Problem } from '../../kernel/problem.ts'
import { type Condition, conditionOf } from '../../storage/condition.ts'
import type { Snapshot } from '../../storage/contract.ts'
import { databaseMessage, isDamaged, isDatabaseError } from '../../storage/database-error.ts'
import { countOf, mergeRuns, runsOf, subtractRuns } from '../entry/coverage.ts'
import { type Checkpoint, openCheckpoint, unverifiedCheckpoint } from '../tree/checkpoint.ts'
import { NoteError, type Verifier } from '../tree/note.ts'
import { rootAt } from '../tree/proofs.ts'
import { Branches } from './branches.ts'
import type { Finding } from './finding.ts'
import { Keys, signatureProblem } from './keys.ts'
import { explainPlaces } from './places.ts'
import type { Replay } from './replay.ts'
import { scanEntries } from './scan.ts'
import { type StoredHead, StoredTrail } from './stored-trail.repository.ts'
import { checkTree, leafCount } from './tree-check.ts'

export interface VerifyOptions {
  /** Keys that are trusted to sign the trail. */
  readonly keys: readonly Verifier[]
  /** A checkpoint that was kept elsewhere: a signed note. */
  readonly checkpoint?: string | undefined
  readonly replays: readonly Replay[]
  readonly now: Date
  /** Whether the database by itself was found to be sound just now, and need not be looked through once more. */
  readonly isSound?: boolean
  onProgress?(done: number, total: number): void
}

export interface Verification {
  /** Whether the entries were read: not where that is not safe, or not possible. */
  readonly isRead: boolean
  readonly origin: string | undefined
  /** How many entries were ever written, as the head says. */
  readonly size: number
  /** How many are there. */
  readonly present: number
  /** How many retention and erasure entries say that they removed. */
  readonly removed: { readonly retention: number; readonly erasures: readonly { seq: number; count: number }[] }
  readonly findings: readonly Finding[]
  /** What somebody else has in the database, and nothing of the trail is touched by, each in a few words. */
  readonly foreign: readonly string[]
  /** The size of the kept checkpoint, if one was compared. */
  readonly comparedWith: number | undefined
  /** The same, if today's trail extends it. */
  readonly extends: number | undefined
}

/** A kept checkpoint that is no proof of anything, so that nothing can be compared with it. */
export class CheckpointError extends Problem {
  override readonly name = 'CheckpointError'
}

/**
 * Checks the whole trail: the database by itself and its schema, every entry against the tree, the tree against the signed
 * head, what is missing against what retention and erasure entries say, and what the database says now against what
 * entries established.
 * @throws {CheckpointError} if the kept checkpoint cannot be used.
 */
export async function verify(snapshot: Snapshot, options: VerifyOptions): Promise<Verification> {
  const condition = await conditionOf(snapshot, options.isSound)
  const database = foundIn(condition)
  if (!condition.deviations.isReadable)
    return { ...UNREAD, ...database, findings: [...database.findings, { kind: 'altered schema', about: NOT_READ }] }
  try {
    return await verifyTrail(snapshot, options, database)
  } catch (error) {
    if (isDamaged(error)) database.findings.push({ kind: 'damaged', about: `database: ${databaseMessage(error)}` })
    // What is missing can't be read: that is what there is to say.
    if (database.findings.length === 0 || !isDatabaseError(error)) throw error
    return { ...UNREAD, ...database }
  }
}

const NOT_READ = 'the entries were not read: what is named would run with the rights of whoever reads'

const UNREAD = {
  isRead: false,
  origin: undefined,
  size: 0,
  present: 0,
  removed: { retention: 0, erasures: [] },
  comparedWith: undefined,
  extends: undefined,
}

interface Checked {
  readonly findings: Finding[]
  readonly foreign: readonly string[]
}

async function verifyTrail(snapshot: Snapshot, options: VerifyOptions, database: Checked): Promise<Verification> {
  const stored = new StoredTrail(snapshot)
  const head = await stored.head()
  const signed = unverifiedCheckpoint(head?.checkpoint ?? '')
  // Without a head to go by, the tiles say how much there should be: the rest is checked all the same.
  const leaves = leafCount(await stored.tileShapes(), signed?.size ?? 0)
  const unsure = signed?.size ?? leaves
  const keys = new Keys(options.keys)
  const branches = new Branches()
  const replays = [keys, branches, ...options.replays]
  const scan = await scanEntries(stored, Math.max(unsure, leaves), replays, options.onProgress)
  const trusted = keys.trusted()
  const problem = signatureProblemOf(head?.checkpoint ?? '', leaves + scan.present, trusted.current)
  const isRolledBack = problem === undefined && leaves > unsure
  const sound = problem === undefined && !isRolledBack ? signed : undefined
  const size = sound?.size ?? Math.max(unsure, leaves)
  const findings: Finding[] = [...database.findings, ...trusted.findings]
  if (problem !== undefined) findings.push({ kind: 'bad signature', about: `head of the trail: ${problem}` })
  if (isRolledBack)
    findings.push({ kind: 'rolled back', entries: [unsure, leaves - 1], about: 'an older head is in its place' })
  if (head !== undefined && signed !== undefined) findings.push(...(await checkHead(stored, head, signed.size)))
  if (sound !== undefined) findings.push(...branches.findingsIn(sound))
  findings.push(...(await checkTree(stored, size, sound?.root)))
  const covered = mergeRuns([...scan.retained, ...scan.erasures.flatMap(({ runs }) => runs)])
  const absent = scan.absentBelow(size)
  // One by one: of more than so many at once, which one changed entry can bring about, a call takes no more.
  for (const each of await explainPlaces(stored, { size, wrong: scan.wrong, absent, covered })) findings.push(each)
  // What was removed may be signed, and yet must not speak again.
  const gone = mergeRuns([...absent, ...runsOf(scan.wrong.map(({ seq }) => seq))])
  for (const entries of subtractRuns(covered, gone))
    findings.push({ kind: 'inserted', entries, about: 'retention or erasure had removed it' })
  for (const each of scan.unfounded) findings.push(each)
  const strays = await stored.countOutOfBounds()
  if (strays > 0) findings.push({ kind: 'inserted', about: `${strays} with numbers that no entry has` })
  const latest = Math.max(options.now.getTime(), new Date(Number(head?.lastCreatedAt)).getTime() || 0)
  const moment = { latest, keys: trusted.current }
  for (const replay of options.replays)
    for (const about of (await replay.compare?.(snapshot, moment)) ?? [])
      findings.push({ kind: 'unlogged change', about })
  const kept =
    options.checkpoint === undefined ? undefined : keptCheckpoint(options.checkpoint, keys.known(), options.keys)
  const isExtended = kept !== undefined && (await extendsKept(stored, kept, size))
  if (kept !== undefined && !isExtended) findings.push(branches.notExtended(kept, sound))
  return {
    isRead: true,
    origin: signed?.origin,
    size,
    present: scan.present,
    removed: {
      retention: countOf(mergeRuns(scan.retained)),
      erasures: scan.erasures.map(({ seq, runs }) => ({ seq, count: countOf(runs) })),
    },
    findings,
    foreign: database.foreign,
    comparedWith: kept?.size,
    extends: isExtended ? kept.size : undefined,
  }
}

/** Whatever is read is read through it, and what it does by itself the bot obeys too. */
function foundIn({ deviations: { refused, missing, foreign }, damages }: Condition): Checked {
  const findings: Finding[] = [
    ...damages.map((about) => ({ kind: 'damaged', about: `database: ${about}` }) as const),
    ...refused.map((about) => ({ kind: 'altered schema', about }) as const),
    ...missing.map(({ what }) => ({ kind: 'missing trigger', about: what }) as const),
  ]
  return { findings, foreign: foreign.map(({ what }) => what) }
}

/** What stands beside the signed text, and the writer goes by it. */
async function checkHead(stored: StoredTrail, head: StoredHead, signedSize: number): Promise<Finding[]> {
  const { size, lastCreatedAt } = head
  const last = await stored.createdAt(signedSize - 1)
  return [
    ...(size === signedSize
      ? []
      : [{ kind: 'altered', about: `size in the head: ${size}, signed ${signedSize}` } as const]),
    ...(last === undefined || lastCreatedAt === last ? [] : [{ kind: 'altered', about: 'time in the head' } as const]),
  ]
}

function signatureProblemOf(checkpoint: string, written: number, keys: readonly Verifier[]): string | undefined {
  if (checkpoint === '') return written === 0 ? undefined : 'It is not signed.'
  return signatureProblem(checkpoint, keys)
}

/** Which trail it should be of the keys say, whose name a trail has: the head may be damaged. */
function keptCheckpoint(note: string, keys: readonly Verifier[], anchors: readonly Verifier[]): Checkpoint {
  try {
    const kept = openCheckpoint(note, keys)
    if (!anchors.some(({ name }) => name === kept.origin))
      throw new NoteError(`It is of another trail, ${kept.origin}.`)
    return kept
  } catch (cause) {
    if (cause instanceof NoteError) throw new CheckpointError(cause.message, { cause })
    throw cause
  }
}

async function extendsKept(stored: StoredTrail, kept: Checkpoint, size: number) {
  if (kept.size > size) return false
  try {
    return (await rootAt(kept.size, (place) => stored.tile(place))).equals(kept.root)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
