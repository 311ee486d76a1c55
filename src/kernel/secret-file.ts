import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSmallSync } from './small-text.ts'

/**
 * A secret in a file that only its owner can read, made by `make` at the first use. Every process that asks gets the
 * same one. @throws the file system's own error.
 */
export function secretFile(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return readIfThere(path) ?? create(path, make())
}

/** The text of a file of `most` bytes at most, or `undefined` where there is none. */
export function readIfThere(path: string, most?: number): string | undefined {
  try {
    return readSmallSync(path, most).toString('utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Written whole and then linked, so that another process finds all of it or nothing; whoever comes first wins. */
function create(path: string, secret: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readSmallSync(path).toString('utf8').trim()
}
