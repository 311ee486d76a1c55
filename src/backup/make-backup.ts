import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sidecarText } from '../audit/export/sidecar.ts'
import type { Verifier } from '../audit/tree/note.ts'
import type { VerifyOptions } from '../audit/verify/verify.ts'
import { syncDirectory, syncFile } from '../kernel/durable-file.ts'
import { sha256Of } from '../kernel/sha256.ts'
import { isDamage } from '../storage/copy-database.ts'
import { besides, claimName, removeLeftovers } from './backup-names.ts'
import { type BackupSource, backupSource } from './backup-source.ts'
import type { Objection } from './check-file.ts'
import { type KeyTexts, writeKeys } from './key-files.ts'
import { partialOf, removePartial } from './partial.ts'

export interface BackupRequest {
  readonly databaseUrl: string
  /** Made if it is not there. */
  readonly directory: string
  /** The key that signs the trail. */
  readonly key: Verifier
  readonly replays: VerifyOptions['replays']
  /** What is copied beside the backup; `undefined`: nothing. */
  readonly keys: KeyTexts | undefined
  /**
   * Writes the entry about it. @param publish gives the files their names, to be done as the last thing before the
   * commit, and returns what takes them back.
   */
  record(made: MadeBackup, publish: () => Promise<() => Promise<void>>): Promise<void>
  onCopy(done: number, total: number): void
  onCheck(done: number, total: number): void
}

export interface MadeBackup {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  /** How many entries the copied trail ever had. */
  readonly size: number
  /** How many are in it; `undefined`: its tree was not verified. */
  readonly present: number | undefined
}

/**
 * Copies a database that may be in use, checks the copy, and only then gives it its name. What is called
 * `chatwarden-….db` in the directory is complete at any time, with its hash and its checkpoint beside it.
 */
export async function makeBackup(request: BackupRequest): Promise<MadeBackup | Objection> {
  const { directory } = request
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await removeLeftovers(directory)
  const source = backupSource(request.databaseUrl)
  const path = await claimName(directory, source.extension)
  const files = [...Object.values(besides(path)), path]
  try {
    return await fill(request, source, path)
  } finally {
    for (const file of files) await removePartial(partialOf(file))
  }
}

async function fill(request: BackupRequest, source: BackupSource, path: string): Promise<MadeBackup | Objection> {
  const { key, replays, keys, onCopy, onCheck } = request
  const partial = partialOf(path)
  const objection = await copied(source, partial, onCopy)
  if (objection !== undefined) return objection
  const checked = await source.check(partial, { keys: [key], replays, now: new Date(), onProgress: onCheck })
  if (!('end' in checked)) return checked
  const { end, verification } = checked
  if (verification !== undefined && verification.findings.length > 0) return { verification }
  await syncFile(partial)
  const { sha256 } = await sha256Of(createReadStream(partial))
  const beside = besides(path)
  await write(beside.sha256, sidecarText(sha256, path))
  await write(beside.checkpoint, end.checkpoint)
  if (keys !== undefined) await writeKeys(partialOf(beside.keys), keys)
  const { bytes, size, present } = {
    bytes: (await stat(partial)).size,
    size: verification?.size ?? end.size,
    present: verification?.present,
  }
  const made = { path, sha256, bytes, size, present }
  // The database comes last: what is beside it is there when it is.
  const files = [beside.sha256, beside.checkpoint, ...(keys === undefined ? [] : [beside.keys]), path]
  await request.record(made, () => publish(files))
  return made
}

/** What is damaged enough is not even copied. */
async function copied(
  source: BackupSource,
  to: string,
  onCopy: BackupRequest['onCopy'],
): Promise<Objection | undefined> {
  try {
    await source.copy(to, onCopy)
    return undefined
  } catch (error) {
    if (isDamage(error)) return { problem: error.message }
    throw error
  }
}

const write = (path: string, text: string) => writeFile(partialOf(path), text, { flag: 'wx', mode: 0o600, flush: true })

async function publish(files: readonly string[]): Promise<() => Promise<void>> {
  const path = files.at(-1) ?? ''
  const undo = async () => {
    await rename(path, partialOf(path)).catch(() => {})
    for (const file of files) if (file !== path) await rm(file, { recursive: true, force: true })
  }
  try {
    for (const file of files) await rename(partialOf(file), file)
    await syncDirectory(dirname(path))
  } catch (error) {
    await undo()
    throw error
  }
  return undo
}
