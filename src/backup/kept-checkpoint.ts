import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type Checkpoint,
  findCheckpoint,
  firstDifference,
  openCheckpoint,
  unverifiedCheckpoint,
} from '../audit/tree/checkpoint.ts'
import { NoteError, type Verifier } from '../audit/tree/note.ts'
import { CheckpointError } from '../audit/verify/verify.ts'
import { missing } from '../kernel/durable-file.ts'
import { isTooLarge, readSmallSync } from '../kernel/small-text.ts'
import { BackupError } from './backup-error.ts'
import { besides } from './backup-names.ts'
import type { TrailEnd } from './check-file.ts'

export interface Kept {
  /** The one that the backup must extend, if one is known. */
  readonly toExtend: string | undefined
  /** Those of more entries than the backup has, of how it may have gone on, by their size, each once. */
  readonly longer: readonly Checkpoint[]
  /** How many entries it may have had later. */
  readonly laterSize: number | undefined
}

/**
 * What is known of the trail besides the backup: the checkpoint that was kept, the one beside the backup, and those of
 * other backups beside it. @throws {BackupError} or {CheckpointError} if the kept one cannot be used.
 */
export function keptCheckpoints(backup: string, end: TrailEnd, key: Verifier, kept: string | undefined): Kept {
  const own = readIf(besides(backup).checkpoint)
  const note = kept === undefined ? undefined : readGiven(kept)
  const given = note === undefined ? undefined : unverifiedCheckpoint(note)
  const isLonger = given !== undefined && given.size > end.size
  // What is longer can't be compared with the tree, but must at least be signed.
  if (isLonger && openedBy(key, note ?? '') === undefined)
    throw new CheckpointError(`${kept} is not signed by ${key.name}+${key.keyId}, as the backup is.`)
  const beside = checkpointsIn(dirname(backup)).flatMap((each) => openedBy(key, each) ?? [])
  const known = given === undefined ? beside : [given, ...beside]
  const longer = bySize(known.filter((each) => each.size > end.size && mayGoOnFrom(end, each)))
  const sizeAfter = (shorter: Ending) => longer.filter((each) => mayGoOnFrom(shorter, each)).at(-1)?.size
  // What is of another branch is not extended: verification says so.
  return isLonger && mayGoOnFrom(end, given)
    ? { toExtend: own, longer, laterSize: sizeAfter(given) }
    : { toExtend: note ?? own, longer, laterSize: sizeAfter(end) }
}

type Ending = Pick<Checkpoint, 'size' | 'branches'>

/** Whether a longer trail can have this one as its beginning; it need not. */
function mayGoOnFrom(end: Ending, { branches }: Ending): boolean {
  const { ours, theirs } = firstDifference(end.branches ?? [], branches)
  return ours === undefined && (theirs === undefined || theirs.index >= end.size)
}

const bySize = (checkpoints: readonly Checkpoint[]): Checkpoint[] =>
  [...new Map(checkpoints.map((each) => [`${each.size} ${each.root.toString('base64')}`, each])).values()].sort(
    (a, b) => a.size - b.size,
  )

function readGiven(path: string): string {
  const note = findCheckpoint(readSmallSync(path).toString('utf8'))
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
function readIf(path: string): string | undefined {
  try {
    return readSmallSync(path).toString('utf8') || undefined
  } catch (error) {
    return missing(undefined)(error)
  }
}

const checkpointsIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => /^chatwarden-.*\.checkpoint$/.test(name))
    // Old backups are removed meanwhile, and what is no note is none of theirs.
    .flatMap((name) => {
      try {
        return readIf(join(directory, name)) ?? []
      } catch (error) {
        if (isTooLarge(error)) return []
        throw error
      }
    })
