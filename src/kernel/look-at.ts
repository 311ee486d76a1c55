import { type Stats, statSync } from 'node:fs'

/** What lies at a path; `undefined`: nothing, or nothing that may be looked at, which shows when it is opened. */
export function lookAt(path: string): Stats | 'below a file' | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'below a file' : undefined
  }
}
