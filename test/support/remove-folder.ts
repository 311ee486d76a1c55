import { rmSync } from 'node:fs'

/** Removes a folder in which a process that was just killed may still be in the middle of making a file. */
export const removeFolder = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
