import { readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BackupError } from './backup-error.ts'
import { leftovers, partialOf, removePartial } from './partial.ts'

/** What lies beside a backup: its hash (as `sha256sum` writes it), the checkpoint it ends with, and the keys if asked for. */
export const besides = (backup: string) => ({
  sha256: `${backup}.sha256`,
  checkpoint: `${backup}.checkpoint`,
  keys: `${backup}.keys`,
})

const NAMES = /^chatwarden-\d{8}T\d{6}Z\.(?:db|dump)(?:\.sha256|\.checkpoint|\.keys)?$/

const nameAt = (moment: Date, extension: string): string =>
  `chatwarden-${moment.toISOString().replace(/[-:]|\.\d+/g, '')}.${extension}`
/** Of a file and of a server: a name alone, without what lies beside it. */
const isBackup = (name: string): boolean => /\.(?:db|dump)$/.test(name)

/**
 * A path in `directory` that nobody else has or is about to have; its partial file is there from now on. Of two who come
 * in the same second both see the other, and try again some other second.
 */
export async function claimName(directory: string, extension: 'db' | 'dump'): Promise<string> {
  for (;;) {
    const path = join(directory, nameAt(new Date(), extension))
    const isMine = await writeFile(partialOf(path), '', { flag: 'wx', mode: 0o600 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    const others = (await readdir(directory)).filter(
      (name) => name.startsWith(basename(path)) && name !== basename(partialOf(path)),
    )
    if (isMine && others.length === 0) return path
    if (isMine) await removePartial(partialOf(path))
    await sleep(1000 + Math.random() * 2000)
  }
}

/** The file that is meant: the newest backup in a directory, or the file itself. */
export async function backupIn(path: string): Promise<string> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return path
  const newest = names
    .filter((name) => NAMES.test(name) && isBackup(name))
    .sort()
    .at(-1)
  if (newest === undefined) throw new BackupError(`There is no backup in ${path}.`)
  return join(path, newest)
}

/** Removes what killed runs left in `directory`. */
export async function removeLeftovers(directory: string): Promise<void> {
  const found = await leftovers(directory, NAMES)
  const isDatabase = ({ wouldBe }: { readonly wouldBe: string }) => isBackup(wouldBe)
  for (const { path } of found.filter((each) => !isDatabase(each))) await rm(path, { recursive: true, force: true })
  const files = new Set(await readdir(directory))
  for (const { path, wouldBe } of found.filter(isDatabase)) {
    // The database gets its name last: what lies beside one that never got it belongs to nothing.
    const beside = files.has(wouldBe) ? [] : Object.values(besides(join(dirname(path), wouldBe)))
    for (const each of [...beside, path]) await rm(each, { recursive: true, force: true })
  }
}
