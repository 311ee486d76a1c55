import { accessSync, constants } from 'node:fs'
import { pathError } from './path-error.ts'

/** Refuses what may not be written, and because of it not `wanted` either. @throws an error of the form of the file system's. */
export function mayWrite(path: string, wanted: string, mode = constants.W_OK): void {
  try {
    accessSync(path, mode)
  } catch (error) {
    const { code = 'EACCES' } = error as NodeJS.ErrnoException
    const why = code === 'EROFS' ? 'the file system is read-only' : `there is no permission to write ${path}`
    throw pathError(wanted, `cannot be written: ${why}.`, code)
  }
}

/** In a folder, to make something in it. */
export const IN_FOLDER = constants.W_OK | constants.X_OK
