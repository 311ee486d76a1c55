import { lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { lookAt } from './look-at.ts'
import { IN_FOLDER, mayWrite } from './may-write.ts'
import { notAFile, pathError } from './path-error.ts'

/**
 * Refuses a path at which no file can be put: only a regular file is ever replaced, for a rename would put one in the
 * place of a device, a pipe or a link, too. @throws an error of the form of the file system's.
 */
export function mustBeReplaceable(path: string): void {
  if (path === '' || /[\\/]$/.test(path)) throw pathError(path, 'names no file.', 'EISDIR')
  const folder = dirname(path)
  mustBeFolder(folder, path)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there !== undefined) refuseAllButFiles(there, path)
  mayWrite(folder, path, IN_FOLDER)
  if (there !== undefined) mayWrite(path, path)
}

function refuseAllButFiles(there: Stats, path: string): void {
  if (there.isSymbolicLink()) throw pathError(path, `is a symbolic link. Name the file itself${target(path)}.`, 'ELOOP')
  const found = notAFile(there)
  if (found === undefined) return
  const instead = there.isDirectory() ? ` Name the file in it too, as ${join(path, 'audit.csv')}` : ''
  throw pathError(path, `${found.what}, and only files are replaced.${instead}`, found.code)
}

function mustBeFolder(folder: string, path: string): void {
  const there = lookAt(folder)
  if (there === undefined)
    throw pathError(path, `cannot be made: there is no folder ${folder}, or none that may be looked into.`, 'ENOENT')
  if (there === 'below a file' || !there.isDirectory())
    throw pathError(path, `cannot be made: ${folder} is no folder.`, 'ENOTDIR')
}

/** Where a link leads, if to a file. */
function target(path: string): string {
  const there = lookAt(path)
  if (there === undefined || there === 'below a file') return ', which is not there'
  return there.isFile() ? `: ${realpathSync(path)}` : ', and only files are replaced'
}
