import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Checkpoint, claimIn, findCheckpoint, isSameBranch, openCheckpoint } from '../audit/tree/checkpoint.ts'
import { NoteError, type Verifier } from '../audit/tree/note.ts'
import { CheckpointError } from '../audit/verify/verify.ts'
import { BackupError } from './backup-error.ts'
import { besides } from './backup-names.ts'
import type { TrailEnd } from './check-file.ts'

export interface Kept {
  /** The one that the backup must extend, if one is known. */
  readonly toExtend: string | undefined
  /** Those of more entries than the backup has, by their size, each once. */
  readonly later: readonly Checkpoint[]
  /** How many entries the trail of the backup is known to have had later, if more than the backup has. */
  readonly laterSize: number | undefined
}

/**
 * What is known of the trail besides the backup: the checkpoint that was kept, the one beside the backup, and those of
 * other backups beside it. @throws {BackupError} or {CheckpointError} if the kept one cannot be used.
 */
export function keptCheckpoints(backup: string, end: TrailEnd, key: Verifier, kept: string | undefined): Kept {
  const own = readIf(besides(backup).checkpoint)
  const note = kept === undefined ? undefined : readGiven(kept)
  const claim = claimIn(note ?? '')
  const given = claim !== undefined && claim.size > end.size ? claim : undefined
  // What is longer can't be compared with the tree, but must at least be signed.
  if (given !== undefined && openedBy(key, note ?? '') === undefined)
    throw new CheckpointError(`${kept} is not signed by ${key.name}+${key.keyId}, as the backup is.`)
  const others = checkpointsIn(dirname(backup)).flatMap((each) => openedBy(key, each) ?? [])
  const later = bySize([...(given === undefined ? [] : [given]), ...others].filter(({ size }) => size > end.size))
  return {
    // What is of another branch does not extend it either: then it says so.
    toExtend: given !== undefined && mayGoOnFrom(end, given) ? own : (note ?? own),
    later,
    laterSize: later.filter((each) => mayGoOnFrom(end, each)).at(-1)?.size,
  }
}

/** Whether a longer trail can have this one as its beginning; it need not. */
const mayGoOnFrom = (end: TrailEnd, { branch }: Checkpoint): boolean =>
  isSameBranch(end.branch, branch) || (branch !== undefined && branch.index >= end.size)

const bySize = (checkpoints: readonly Checkpoint[]): Checkpoint[] =>
  [...new Map(checkpoints.map((each) => [`${each.size} ${each.root.toString('base64')}`, each])).values()].sort(
    (a, b) => a.size - b.size,
  )

function readGiven(path: string): string {
  const note = findCheckpoint(readFileSync(path, 'utf8'))
  if (note === undefined) throw new BackupError(`${path} holds no checkpoint.`)
  return note
}

function openedBy(key: Verifier, note: string): Checkpoint | undefined {
  try {
    return openCheckpoint(note, [key])
  } catch (error) {
    if (error instanceof NoteError) return undefined
    throw error
  }
}

/** Empty beside the backup of a trail without entries. */
const readIf = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') || undefined : undefined

const checkpointsIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => /^chatwarden-.*\.checkpoint$/.test(name))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
