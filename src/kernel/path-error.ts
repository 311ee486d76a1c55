import type { Stats } from 'node:fs'
import { shownLine } from './plain-text.ts'

/** What is wrong with a path, in the form of the file system's own errors, which everybody expects who reads or writes a file. */
export const pathError = (path: string, problem: string, code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(shownLine(`${path} ${problem}`)), { code, syscall: 'open', path })

/** What there is in place of a file; `undefined`: it is one. */
export function notAFile(stats: Stats): { readonly what: string; readonly code: string } | undefined {
  if (stats.isFile()) return undefined
  if (stats.isDirectory()) return { what: 'is a directory', code: 'EISDIR' }
  if (stats.isFIFO()) return { what: 'is a pipe', code: 'ESPIPE' }
  return { what: stats.isSocket() ? 'is a socket' : 'is a device', code: 'ENODEV' }
}
