import { createReadStream, existsSync } from 'node:fs'
import { basename } from 'node:path'
import { hashInSidecar } from '../audit/export/sidecar.ts'
import type { Verification, VerifyOptions } from '../audit/verify/verify.ts'
import type { SigningKeyConfig } from '../audit/write/signing-key.ts'
import { missing } from '../kernel/durable-file.ts'
import { secretFile } from '../kernel/secret-file.ts'
import { sha256Of } from '../kernel/sha256.ts'
import { readSmall } from '../kernel/small-text.ts'
import { signingKeyPath } from '../storage/beside-database.ts'
import { besides } from './backup-names.ts'
import { type CatchingUp, type CaughtUp, catchUp, erasuresToCarryOut } from './catch-up.ts'
import { checkTrail, type Objection, type TrailEnd } from './check-file.ts'
import { keptCheckpoints } from './kept-checkpoint.ts'
import { readKeys } from './key-files.ts'
import { keyToGoOn } from './open-keys.ts'
import { inPlace, type RestorePlace } from './restore-place.ts'

export interface RestoreRequest extends CatchingUp {
  readonly file: string
  /** Where the database goes, and the key that signs it. */
  readonly key: SigningKeyConfig
  /** PostgreSQL only: as whom it is put there. */
  readonly ownerUrl?: string | undefined
  /** Where the key of secret settings lies if none is configured. */
  readonly settingsKeyPath: string
  /** A file with a checkpoint that was kept elsewhere. */
  readonly kept: string | undefined
  readonly replays: () => VerifyOptions['replays']
  onCheck(done: number, total: number): void
}

export interface RestoredBackup extends CaughtUp {
  readonly bytes: number
  /** Whether the file's hash lay beside it. */
  readonly hadHash: boolean
  readonly verification: Verification
  readonly end: TrailEnd
  /** How many entries the trail may have had later, by a checkpoint that is known. */
  readonly laterSize: number | undefined
  /** Keys that were put in their place. */
  readonly keys: readonly string[]
}

/**
 * Puts a backup where a database is to be. Everything is done to a copy under another name, later erasures too; it gets the
 * name by which a bot would find it as the last step.
 * @throws {BackupError} or {CheckpointError} where it could not; nothing is in place then.
 */
export const restoreBackup = (request: RestoreRequest): Promise<RestoredBackup | Objection> =>
  inPlace(request.file, { databaseUrl: request.key.databaseUrl, ownerUrl: request.ownerUrl }, (place) =>
    fill(request, place),
  )

async function fill(request: RestoreRequest, place: RestorePlace): Promise<RestoredBackup | Objection> {
  const { file, replays, onCheck } = request
  const { sha256 } = await sha256Of(createReadStream(place.file))
  const said = await readSmall(besides(file).sha256).catch(missing(undefined))
  if (said !== undefined && hashInSidecar(said) !== sha256)
    return { problem: `SHA-256 is ${sha256}, and ${besides(file).sha256} says otherwise` }
  const end = await place.open()
  if (!('checkpoint' in end)) return end
  const copied = readKeys(besides(file).keys)
  const key = keyToGoOn(request.key, copied, file, end.checkpoint)
  const { verifier } = key.current()
  const { toExtend, longer, laterSize } = keptCheckpoints(file, end, verifier, request.kept)
  const how = { keys: [verifier], checkpoint: toExtend, replays: replays(), now: new Date(), onProgress: onCheck }
  const verification = await checkTrail(place.url, how)
  // What keeps entries from being changed is put back below, with an entry.
  if (verification.findings.some(({ kind }) => kind !== 'missing trigger')) return { verification }
  const todo = await erasuresToCarryOut(request, request.key, end, copied.settings)
  const caughtUp = await catchUp(place.url, key, request, todo, { file: basename(file), sha256, end, longer })
  const keys = [
    ...install(signingKeyPath(request.key), request.key.signingKey, copied.signing),
    ...install(request.settingsKeyPath, request.settingsKey, copied.settings),
  ]
  const bytes = await place.settle()
  return { bytes, hadHash: said !== undefined, verification, end, laterSize, ...caughtUp, keys }
}

/** @returns the path if the copied key was put there. */
function install(path: string, configured: string | undefined, copied: string | undefined): string[] {
  if (configured !== undefined || copied === undefined || existsSync(path)) return []
  secretFile(path, () => copied)
  return [path]
}
