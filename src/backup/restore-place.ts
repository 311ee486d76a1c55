import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { link, mkdir, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { missing, syncDirectory, syncFile } from '../kernel/durable-file.ts'
import { mustBeFile } from '../kernel/must-be-file.ts'
import { databaseLabel, databasePath, isPostgres } from '../storage/beside-database.ts'
import { loadDump } from '../storage/postgresql/dump.ts'
import { makeEmpty, sizeOf, tablesIn } from '../storage/postgresql/empty.ts'
import { migrateAsOwner } from '../storage/postgresql/migrate-as-owner.ts'
import { ProgramError } from '../storage/postgresql/programs.ts'
import { BackupError } from './backup-error.ts'
import { checkDatabase, type Objection, type TrailEnd, trailEnd } from './check-file.ts'
import { leftovers, partialOf, removePartial } from './partial.ts'

/** Where a backup goes: everything is done to it there before a bot may find it. */
export interface RestorePlace {
  /** The bytes that are restored. */
  readonly file: string
  readonly url: string
  /** Whether what is in it can be read, and its end. */
  open(): Promise<Objection | TrailEnd>
  /** Makes it what a bot finds. @returns how many bytes it takes. */
  settle(): Promise<number>
}

/** The database that is to be restored, and who may make it: the owner of the tables, where there is another. */
export interface RestoreTarget {
  readonly databaseUrl: string
  readonly ownerUrl: string | undefined
}

/**
 * Does `work` with the backup in a place where nothing was. Unless it settles it, nothing is there afterwards either.
 * @throws {BackupError} where something is there already.
 */
export const inPlace = <T>(
  file: string,
  target: RestoreTarget,
  work: (place: RestorePlace) => Promise<T>,
): Promise<T> =>
  isPostgres(target.databaseUrl) ? onServer(file, target, work) : asFile(file, databasePath(target.databaseUrl), work)

async function onServer<T>(
  file: string,
  { databaseUrl, ownerUrl }: RestoreTarget,
  work: (place: RestorePlace) => Promise<T>,
): Promise<T> {
  const url = ownerUrl ?? databaseUrl
  mustBeFile(file)
  const [table] = await tablesIn(url)
  if (table !== undefined)
    throw new BackupError(
      `${databaseLabel(url)} is not empty: it has ${table}. Nothing is overwritten: name a database that was made just now.`,
    )
  let isSettled = false
  const open = async () => {
    try {
      await loadDump(url, file)
    } catch (error) {
      if (!(error instanceof ProgramError && error.isAboutFile)) throw error
      return { problem: error.message }
    }
    return trailEnd(url)
  }
  const settle = async () => {
    // Until it has its rights, no bot of least privilege can start on it.
    if (ownerUrl !== undefined) await migrateAsOwner(ownerUrl, databaseUrl, undefined)
    isSettled = true
    return sizeOf(url)
  }
  try {
    return await work({ file, url, open, settle })
  } finally {
    if (!isSettled) await makeEmpty(url)
  }
}

async function asFile<T>(file: string, target: string, work: (place: RestorePlace) => Promise<T>): Promise<T> {
  refuseToOverwrite(target)
  mustBeFile(file)
  for (const side of ['-wal', '-journal'])
    if (((await stat(file + side).catch(missing(undefined)))?.size ?? 0) > 0)
      throw new BackupError(`${file}${side} lies beside it: that is a database in use, not a backup of one.`)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  for (const { path, wouldBe } of await leftovers(dirname(target), /./))
    if (wouldBe === basename(target)) await rm(path, { force: true })
  const partial = partialOf(target)
  const settle = async () => {
    const { size } = await stat(partial)
    await nameIt(partial, target)
    return size
  }
  try {
    await pipeline(createReadStream(file), createWriteStream(partial, { flags: 'wx', mode: 0o600 }))
    return await work({ file: partial, url: `file:${partial}`, open: () => checkDatabase(`file:${partial}`), settle })
  } finally {
    await removePartial(partial)
  }
}

function refuseToOverwrite(target: string): void {
  const there = ['', '-wal', '-shm', '-journal'].map((end) => target + end).find((path) => existsSync(path))
  if (there !== undefined)
    throw new BackupError(`${there} is there already. Nothing is overwritten: move it away first, and stop the bot.`)
}

/** Under a name that nobody else has taken meanwhile, as a bot that was started too early would. */
async function nameIt(partial: string, target: string): Promise<void> {
  await syncFile(partial)
  refuseToOverwrite(target)
  await link(partial, target)
  await rm(partial)
  await syncDirectory(dirname(target))
}
