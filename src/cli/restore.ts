import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { erasureOf } from '../app/erasure-parts.ts'
import { systemOperator } from '../app/operator.ts'
import { replaysOf } from '../app/replays.ts'
import { UsageError } from '../app/usage-error.ts'
import { backupIn, besides } from '../backup/backup-names.ts'
import type { Objection } from '../backup/check-file.ts'
import { type RestoredBackup, restoreBackup } from '../backup/restore-backup.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import { readIfThere } from '../kernel/secret-file.ts'
import { databaseLabel, erasureJournal } from '../storage/beside-database.ts'
import { EXIT, orCouldNot, printObjection } from './backup-outcome.ts'
import { fileNamed } from './given-path.ts'
import { type Print, print } from './print.ts'
import { printFindings } from './print-findings.ts'
import { progressBar } from './progress-bar.ts'

interface RestoreArguments {
  readonly checkpoint?: string | undefined
  readonly erasures?: readonly string[] | undefined
}

/** `chatwarden restore`: puts a backup where DATABASE_URL says, without whom erasures have erased since. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { checkpoint: { type: 'string' }, erasures: { type: 'string', multiple: true } },
  })
  const [given] = positionals
  if (given === undefined || positionals.length > 1)
    throw new UsageError('restore needs one file, or a directory of backups.')
  for (const path of [given, ...(values.erasures ?? [])])
    fileNamed('restore', path, 'Save what is piped in: it is read more than once.')
  if (values.checkpoint !== undefined)
    fileNamed('--checkpoint', values.checkpoint, 'For what is piped in write /dev/stdin.')
  return orCouldNot('restore', print, async () => restore(readConfig(), await backupIn(given), values, print))
}

async function restore(
  config: Config,
  file: string,
  { checkpoint, erasures = [] }: RestoreArguments,
  print: Print,
): Promise<number> {
  const { databaseUrl, dataDir, signingKey, origin } = config
  const settingsKeyPath = join(config.dataDir, 'settings.key')
  const journal = erasureJournal(config)
  const isTold = existsSync(journal) || erasures.length > 0
  const bar = progressBar('entries')
  try {
    const outcome = await restoreBackup({
      file,
      key: { databaseUrl, dataDir, signingKey, origin },
      ownerUrl: config.databaseOwnerUrl,
      settingsKeyPath,
      settingsKey: config.settingsKey ?? readIfThere(settingsKeyPath),
      kept: checkpoint,
      erasures,
      // What waits in files beside the database came after the erasures, and is no part of the backup.
      erasureWith: (settingsKey) => erasureOf({ ...config, settingsKey }, systemClock, async () => async () => {}),
      actor: systemOperator(),
      replays: replaysOf,
      onCheck: bar.update,
    })
    bar.end()
    if (!('erasures' in outcome)) return printObjection(outcome, consequenceOf(outcome), print)
    print(`Backup: ${file}`)
    report(file, databaseLabel(databaseUrl), outcome, print)
    if (!isTold) print(`Nothing here tells of erasures since: neither ${journal} nor --erasures.`)
    return EXIT.done
  } finally {
    bar.end()
  }
}

function consequenceOf(objection: Objection): string {
  const isForked = 'verification' in objection && objection.verification.findings.some(({ kind }) => kind === 'forked')
  return isForked
    ? 'Nothing was restored. If you know how that came about, give a checkpoint of this branch, or none.'
    : 'Nothing was restored.'
}

function report(file: string, path: string, outcome: RestoredBackup, print: Print): void {
  const { verification, end, laterSize, erasures, endedRequests, keys, bytes, hadHash } = outcome
  if (!hadHash) print(`There is no ${besides(file).sha256}: only the trail itself says that the file is whole.`)
  printFindings(verification, print)
  if (verification.extends !== undefined) print(`It extends the checkpoint of ${verification.extends} entries.`)
  if (end.size > 0) print(`Its last entry is number ${end.size - 1}, of ${new Date(end.lastCreatedAt).toISOString()}.`)
  if (laterSize !== undefined) {
    print(`A checkpoint of ${laterSize} entries is known: ${laterSize - end.size} are missing after the backup.`)
    print('Whether the backup is the beginning of that trail cannot be proved without them.')
  }
  for (const key of keys) print(`Put in its place: ${key}`)
  print(`Later erasures carried out again: ${erasures.done}`)
  for (const { person, erasedAt } of erasures.pending)
    print(`Pending, for a legal hold in the backup keeps it: the erasure of ${person}, of ${erasedAt.toISOString()}`)
  if (endedRequests > 0) print(`Waited for somebody’s code, and ended: ${endedRequests}. Whoever asked can ask again.`)
  print(`Restored ${path}: ${bytes} bytes.`)
  print(`It is another branch from entry ${end.size} on. Of checkpoints from after the backup verify will say forked:`)
  print('that is expected. Keep a new one: chatwarden checkpoint')
}
