import { type OwnPlaces, ownFileAt } from '../app/own-file.ts'
import { UsageError } from '../app/usage-error.ts'
import { mustBeReplaceable } from '../kernel/must-be-replaceable.ts'
import { holdsControls, pathProblem } from '../kernel/path-problem.ts'

/**
 * The name of a file that somebody typed for `what` it is; `instead`: what to do where stdin or stdout is meant.
 * @throws {UsageError} for what names none.
 */
export function fileNamed(what: string, path: string, instead: string): string {
  if (path.trim() === '') throw new UsageError(`${what} needs the name of a file.`)
  if (path === '-') throw new UsageError(`${what} needs the name of a file, and - is none. ${instead}`)
  mustBeOneLine(what, path)
  return path
}

/** What has names of several lines is read back by nobody. */
function mustBeOneLine(what: string, path: string): void {
  if (holdsControls(path))
    throw new UsageError(`${what} ${path} must be a path, without line breaks and other control characters.`)
}

/** Refuses files by which Chatwarden lives. @throws {UsageError} */
export function mustNotBeOwn(what: string, paths: readonly string[], places: OwnPlaces): void {
  for (const path of paths) {
    const own = ownFileAt(places, path)
    if (own !== undefined) throw new UsageError(`${what} ${path} ${own}.`)
  }
}

const STDOUT_NAMES = /^\/(?:dev\/stdout|(?:dev|proc\/self)\/fd\/1)$/

/** Refuses files that cannot be written, before any work. @throws {UsageError}, or the file system's error. */
export function mustBeWritable(what: string, paths: readonly string[]): void {
  for (const path of paths) {
    mustBeOneLine(what, path)
    if (STDOUT_NAMES.test(path)) throw new UsageError(`${what} ${path} is no file. For stdout write ${what} -`)
    if (path.startsWith('~')) throw new UsageError(`${what} ${path} ${pathProblem(path)}.`)
    mustBeReplaceable(path)
  }
}

/** @throws {UsageError} for what nobody means as the name of a folder. */
export function folderNamed(what: string, path: string): void {
  const problem = path === '-' ? 'is no folder' : pathProblem(path)
  if (problem !== undefined) throw new UsageError(`${what} ${path} ${problem}.`)
}
