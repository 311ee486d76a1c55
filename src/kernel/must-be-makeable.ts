import { dirname, resolve } from 'node:path'
import { lookAt } from './look-at.ts'
import { IN_FOLDER, mayWrite } from './may-write.ts'
import { pathError } from './path-error.ts'

/** Refuses a path at which no folder is and none can be made. @throws an error of the form of the file system's. */
export function mustBeMakeable(folder: string): void {
  let there = resolve(folder)
  while (lookAt(there) === undefined && dirname(there) !== there) there = dirname(there)
  const found = lookAt(there)
  if (found === 'below a file' || found?.isDirectory() === false)
    throw pathError(folder, 'is no folder, and there is something else in its place.', 'ENOTDIR')
  mayWrite(there, folder, IN_FOLDER)
}
