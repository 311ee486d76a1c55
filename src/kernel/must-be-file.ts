import { accessSync, constants, statSync } from 'node:fs'
import { notAFile, pathError } from './path-error.ts'

/** Pipes that a shell gives a process by a name: `<(…)` and standard input. Somebody writes these. */
const GIVEN = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/\d+)$/

/**
 * Refuses what is no file to read: from a pipe that nobody writes one would wait for ever, and a device has no end.
 * `isBounded`: only so much is read, and once, so that a device will do, and a pipe that the shell gave.
 * @throws the file system's error, or one of that form.
 */
export function mustBeFile(path: string, { isBounded = false } = {}): void {
  const stats = statSync(path)
  if (isBounded && (stats.isCharacterDevice() || (stats.isFIFO() && GIVEN.test(path)))) return
  const found = notAFile(stats)
  if (found !== undefined) throw pathError(path, `${found.what}, and no file.`, found.code)
  accessSync(path, constants.R_OK)
}
