import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { identityOf } from './file-identity.ts'

/**
 * Every path that is meant by one: with its links followed before `..`, as the system does, and with `..` taken away
 * first, as is done where folders are yet to be made; with the last name as it stands, and where it leads.
 */
function placesOf(path: string): readonly string[] {
  const spellings = [path, resolve(path)]
  return [...new Set(spellings.flatMap((each) => [realPath(each), join(realPath(dirname(each)), basename(each))]))]
}

/** Whether two paths lead to one file, which may have several names, or will when it is there. */
export function isSamePlace(path: string, other: string): boolean {
  const places = placesOf(other)
  return placesOf(path).some((place) => places.includes(place)) || isSameFile(path, other)
}

/** Whether a path is that of a folder or of anything in it. */
export function isIn(path: string, folder: string): boolean {
  return placesOf(path).some((place) => {
    for (let at = place; ; at = dirname(at)) {
      if (isSamePlace(at, folder)) return true
      if (dirname(at) === at) return false
    }
  })
}

/** Whether a path begins with another and one of `marks`, as `x.db-wal` does. */
export function isNamedAfter(path: string, other: string, marks: readonly string[]): boolean {
  const beginnings = placesOf(other).flatMap((place) => marks.map((mark) => `${place}${mark}`))
  return placesOf(path).some((place) =>
    beginnings.some((beginning) => place.startsWith(beginning) && !place.slice(beginning.length).includes(sep)),
  )
}

/** Of what is not there yet: of the folders above it that are. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    const folder = dirname(path)
    return folder === path ? path : join(realPath(folder), basename(path))
  }
}

function isSameFile(path: string, other: string): boolean {
  const [one, two] = [path, other].map((each) => identityAt(each))
  return one !== undefined && one === two
}

function identityAt(path: string): string | undefined {
  try {
    return identityOf(statSync(path, { bigint: true }))
  } catch {
    return undefined
  }
}
