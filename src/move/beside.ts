import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makeDirectory, missing, syncDirectory } from '../kernel/durable-file.ts'
import {
  archiveDirectory,
  erasureJournal,
  signingKeyPath,
  spoolDirectory,
  type TrailPlace,
} from '../storage/beside-database.ts'
import { MoveError } from './move-error.ts'

/** What a trail has beside its database, at the old place and at the new one. */
export interface Beside {
  readonly from: TrailPlace
  readonly to: TrailPlace
  /** What is configured lies where it did, for both. */
  readonly isKeyConfigured: boolean
  readonly isArchiveConfigured: boolean
}

interface Pair {
  readonly what: string
  readonly from: string
  readonly to: string
}

/** @throws {MoveError} where something else has the place of what is to be taken along. Nothing is overwritten. */
export async function checkBeside(beside: Beside): Promise<void> {
  for (const { what, from, to } of await pairsOf(beside)) {
    if (!existsSync(to) || (await isBeginning(to, from))) continue
    throw new MoveError(`${what} ${from} belongs to ${to}, and something else is there. Move that away first.`)
  }
}

/** Copies key, erasures and archives. @returns what is at the new place now. */
export async function copyBeside(beside: Beside): Promise<string[]> {
  await checkBeside(beside)
  const pairs = await pairsOf(beside)
  for (const { from, to } of pairs) if (!(await isSame(from, to))) await copyFile(from, to)
  const archives = pairs.filter(({ what }) => what === ARCHIVE).length
  const directory = archiveDirectory(beside.to)
  return [
    ...pairs.filter(({ what }) => what !== ARCHIVE).map(({ to }) => to),
    ...(archives === 0 ? [] : [`${directory} (${archives} ${archives === 1 ? 'file' : 'files'})`]),
  ]
}

export interface MovedSpool {
  readonly directory: string
  readonly files: number
}

/** Moves what waited for the old database: the bot writes it at its next start, as it can no longer at the old place. */
export async function moveSpool({ from, to }: Beside): Promise<MovedSpool> {
  const [old, directory] = [spoolDirectory(from), spoolDirectory(to)]
  const names = (await readdir(old).catch(missing<string[]>([]))).filter((name) => /\.jsonl(?:\.damaged)?$/.test(name))
  let files = 0
  for (const name of names) {
    // A bot that still runs on the old place had just written it.
    if (!(await copyFile(join(old, name), join(directory, name)).then(() => true, missing(false)))) continue
    await rm(join(old, name), { force: true })
    files++
  }
  return { directory, files }
}

const ARCHIVE = 'The archive'

async function pairsOf({ from, to, isKeyConfigured, isArchiveConfigured }: Beside): Promise<Pair[]> {
  const pairs = [{ what: 'The list of erasures', from: erasureJournal(from), to: erasureJournal(to) }]
  if (!isKeyConfigured) pairs.push({ what: 'The signing key', from: signingKeyPath(from), to: signingKeyPath(to) })
  const [old, directory] = [archiveDirectory(from), archiveDirectory(to)]
  const entries = isArchiveConfigured
    ? []
    : await readdir(old, { recursive: true, withFileTypes: true }).catch(missing([]))
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of files) pairs.push({ what: ARCHIVE, from: path, to: join(directory, path.slice(old.length)) })
  return pairs.filter(({ from }) => existsSync(from))
}

const isSame = async (a: string, b: string): Promise<boolean> =>
  existsSync(b) && (await stat(a)).size === (await stat(b)).size && (await isBeginning(b, a))

/** Whether all that `part` has is what `whole` begins with: a run that was killed had less to copy. */
async function isBeginning(part: string, whole: string): Promise<boolean> {
  const { size } = await stat(part)
  if (size > (await stat(whole)).size) return false
  if (size === 0) return true
  const theirs = createReadStream(whole, { end: size - 1, highWaterMark: PIECE })
  // It is opened before somebody reads on, who gets the error then.
  theirs.on('error', () => {})
  const pieces = theirs[Symbol.asyncIterator]()
  try {
    for await (const piece of createReadStream(part, { highWaterMark: PIECE })) {
      const { value } = await pieces.next()
      if (!Buffer.from(piece).equals(value ?? Buffer.alloc(0))) return false
    }
    return true
  } finally {
    theirs.destroy()
  }
}

const PIECE = 1024 * 1024

/** For its owner alone, and there as a whole or not at all. */
async function copyFile(from: string, to: string): Promise<void> {
  await makeDirectory(dirname(to))
  const draft = `${to}.${process.pid}.moving`
  try {
    await pipeline(createReadStream(from), createWriteStream(draft, { mode: 0o600, flush: true }))
    await rename(draft, to)
  } finally {
    await rm(draft, { force: true })
  }
  await syncDirectory(dirname(to))
}
