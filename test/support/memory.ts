import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Memory as a folder, on Linux. */
const MEMORY = '/dev/shm'
/** What the databases of a whole run and its logs take at most, and as much again. */
const ROOM = 4 * 1024 ** 3

/**
 * Where databases go of which nothing outlives the run: in memory, if there is room. To make one is to make
 * hundreds of files, and to write an entry is to wait for the disk, for which a busy one takes many times as long.
 */
export function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ROOM ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}
