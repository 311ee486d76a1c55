import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { link, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { missing, syncDirectory } from '../audit/durable-file.ts'
import type { SigningKeyConfig } from '../audit/signing-key.ts'
import type { Verification, VerifyOptions } from '../audit/verify/verify.ts'
import { secretFile } from '../kernel/secret-file.ts'
import { databasePath, signingKeyPath } from '../storage/beside-database.ts'
import { BackupError } from './backup-error.ts'
import { besides } from './backup-names.ts'
import { type CatchingUp, catchUp, erasuresToCarryOut } from './catch-up.ts'
import { checkDatabase, checkTrail, type Objection, type TrailEnd } from './check-file.ts'
import { hashOfFile, readHash, syncFile } from './file-hash.ts'
import { keptCheckpoints } from './kept-checkpoint.ts'
import { readKeys } from './key-files.ts'
import { keyToGoOn } from './open-keys.ts'
import { leftovers, partialOf, removePartial } from './partial.ts'
import type { Reapplied } from './reapply-erasures.ts'

export interface RestoreRequest extends CatchingUp {
  readonly file: string
  /** Where the database goes, and the key that signs it. */
  readonly key: SigningKeyConfig
  /** Where the key of secret settings lies if none is configured. */
  readonly settingsKeyPath: string
  /** A file with a checkpoint that was kept elsewhere. */
  readonly kept: string | undefined
  readonly replays: () => VerifyOptions['replays']
  onCheck(done: number, total: number): void
}

export interface RestoredBackup {
  readonly bytes: number
  /** Whether the file's hash lay beside it. */
  readonly hadHash: boolean
  readonly verification: Verification
  readonly end: TrailEnd
  /** How many entries the trail is known to have had later. */
  readonly laterSize: number | undefined
  readonly erasures: Reapplied
  /** Keys that were put in their place. */
  readonly keys: readonly string[]
}

/**
 * Puts a backup where a database is to be. Everything is done to a copy under another name, later erasures too; it gets the
 * name by which a bot would find it as the last step.
 * @throws {BackupError} or {CheckpointError} where it could not; nothing is in place then.
 */
export async function restoreBackup(request: RestoreRequest): Promise<RestoredBackup | Objection> {
  const target = databasePath(request.key.databaseUrl)
  refuseToOverwrite(target)
  for (const side of ['-wal', '-journal'])
    if (((await stat(request.file + side).catch(missing(undefined)))?.size ?? 0) > 0)
      throw new BackupError(`${request.file}${side} lies beside it: that is a database in use, not a backup of one.`)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  for (const { path, wouldBe } of await leftovers(dirname(target), /./))
    if (wouldBe === basename(target)) await rm(path, { force: true })
  const partial = partialOf(target)
  try {
    await pipeline(createReadStream(request.file), createWriteStream(partial, { flags: 'wx', mode: 0o600 }))
    return await fill(request, target, partial)
  } finally {
    await removePartial(partial)
  }
}

async function fill(request: RestoreRequest, target: string, partial: string): Promise<RestoredBackup | Objection> {
  const { file, replays, onCheck } = request
  const sha256 = await hashOfFile(partial)
  const said = await readFile(besides(file).sha256, 'utf8').catch(missing(undefined))
  if (said !== undefined && readHash(said) !== sha256)
    return { problem: `SHA-256 is ${sha256}, and ${besides(file).sha256} says otherwise` }
  const end = await checkDatabase(partial)
  if (!('checkpoint' in end)) return end
  const copied = readKeys(besides(file).keys)
  const key = keyToGoOn(request.key, copied, file, end.checkpoint)
  const { verifier } = key.current()
  const { toExtend, laterSize } = keptCheckpoints(file, end.size, verifier, request.kept)
  const how = { keys: [verifier], checkpoint: toExtend, replays: replays(), now: new Date(), onProgress: onCheck }
  const verification = await checkTrail(partial, how)
  if (verification.findings.length > 0) return { verification }
  const todo = await erasuresToCarryOut(request, request.key, end, copied.settings)
  const entry = { file: basename(file), sha256, size: end.size, laterSize }
  const erasures = await catchUp(partial, key, request, todo, entry)
  const keys = [
    ...install(signingKeyPath(request.key), request.key.signingKey, copied.signing),
    ...install(request.settingsKeyPath, request.settingsKey, copied.settings),
  ]
  const { size: bytes } = await stat(partial)
  await place(partial, target)
  return { bytes, hadHash: said !== undefined, verification, end, laterSize, erasures, keys }
}

function refuseToOverwrite(target: string): void {
  const there = ['', '-wal', '-shm', '-journal'].map((end) => target + end).find((path) => existsSync(path))
  if (there !== undefined)
    throw new BackupError(`${there} is there already. Nothing is overwritten: move it away first, and stop the bot.`)
}

/** @returns the path if the copied key was put there. */
function install(path: string, configured: string | undefined, copied: string | undefined): string[] {
  if (configured !== undefined || copied === undefined || existsSync(path)) return []
  secretFile(path, () => copied)
  return [path]
}

/** Under a name that nobody else has taken meanwhile, as a bot that was started too early would. */
async function place(partial: string, target: string): Promise<void> {
  await syncFile(partial)
  refuseToOverwrite(target)
  await link(partial, target)
  await rm(partial)
  await syncDirectory(dirname(target))
}
