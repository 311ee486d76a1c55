import { basename } from 'node:path'
import { missing } from '../../kernel/durable-file.ts'
import { readSmall } from '../../kernel/small-text.ts'
import { FileError } from '../export/file-error.ts'
import { manifestOf } from '../export/sidecar.ts'
import { parseCheckpoint } from '../tree/checkpoint.ts'
import { NoteError, readNote } from '../tree/note.ts'

/**
 * What a file is called as a source where nobody says: the trail that it was exported from, as the manifest beside it
 * has it, so that all exports of one trail are one source; else the file. Whether the manifest is true is not looked
 * at here.
 * @throws {FileError} for the manifest of another file.
 */
export async function nameOfSource(path: string, sha256: string): Promise<string> {
  const note = await readSmall(manifestOf(path)).catch(missing(undefined))
  if (note === undefined) return basename(path).replace(/\.gz$/, '')
  try {
    const { text } = readNote(note)
    if (!text.includes(`\nsha256: ${sha256}\n`)) throw new NoteError('It is of another file.')
    const checkpoint = text.slice(text.indexOf('\n\n') + 2)
    return parseCheckpoint(readNote(checkpoint).text).origin
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new FileError(`${manifestOf(basename(path))}: ${error.message} Say with --from where the entries come from.`)
  }
}
