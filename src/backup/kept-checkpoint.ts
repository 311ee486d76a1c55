import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findCheckpoint, openCheckpoint } from '../audit/tree/checkpoint.ts'
import { NoteError, type Verifier } from '../audit/tree/note.ts'
import { CheckpointError } from '../audit/verify/verify.ts'
import { BackupError } from './backup-error.ts'
import { besides } from './backup-names.ts'
import { signedSize } from './check-file.ts'

export interface Kept {
  /** The one that the backup must extend, if one is known. */
  readonly toExtend: string | undefined
  /** How many entries the trail is known to have had later, if more than the backup has. */
  readonly laterSize: number | undefined
}

/**
 * What is known of the trail besides the backup: the checkpoint that was kept, the one beside the backup, and those of
 * other backups beside it. @throws {BackupError} or {CheckpointError} if the kept one cannot be used.
 */
export function keptCheckpoints(backup: string, size: number, key: Verifier, kept: string | undefined): Kept {
  const own = readIf(besides(backup).checkpoint)
  const given = kept === undefined ? undefined : readGiven(kept)
  const givenSize = signedSize(given ?? '') ?? 0
  if (given !== undefined && givenSize <= size) return { toExtend: given, laterSize: undefined }
  // What is larger can't be compared with the tree, but must at least be signed.
  if (given !== undefined && sizeSignedBy(given, key) === undefined)
    throw new CheckpointError(`${kept} is not signed by ${key.name}+${key.keyId}, as the backup is.`)
  const others = checkpointsIn(dirname(backup)).map((note) => sizeSignedBy(note, key) ?? 0)
  const largest = Math.max(givenSize, ...others)
  return { toExtend: own, laterSize: largest > size ? largest : undefined }
}

function readGiven(path: string): string {
  const note = findCheckpoint(readFileSync(path, 'utf8'))
  if (note === undefined) throw new BackupError(`${path} holds no checkpoint.`)
  return note
}

function sizeSignedBy(note: string, key: Verifier): number | undefined {
  try {
    return openCheckpoint(note, [key]).size
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
