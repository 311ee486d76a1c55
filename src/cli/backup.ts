import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemOperator } from '../app/operator.ts'
import { replaysOf } from '../app/replays.ts'
import { UsageError } from '../app/usage-error.ts'
import { auditEvent } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import { checkSigningKey } from '../audit/write/check-key.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { BackupError } from '../backup/backup-error.ts'
import { besides } from '../backup/backup-names.ts'
import { type BackupRequest, type MadeBackup, makeBackup } from '../backup/make-backup.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import { readIfThere } from '../kernel/secret-file.ts'
import { databaseLabel, erasureJournal, isMissing, isPostgres } from '../storage/beside-database.ts'
import { openDatabase } from '../storage/database.ts'
import { EXIT, orCouldNot, printObjection } from './backup-outcome.ts'
import { folderNamed } from './given-path.ts'
import { type Print, print } from './print.ts'
import { progressBar } from './progress-bar.ts'

/** `chatwarden backup`: a checked copy of the database, also while a bot writes to it. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const options = { keys: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  const [directory] = positionals
  if (directory === undefined || positionals.length > 1) throw new UsageError('backup needs one directory.')
  folderNamed('backup', directory)
  return orCouldNot('back up', print, () => backUp(readConfig(), directory, values.keys, print))
}

async function backUp(config: Config, directory: string, withKeys: boolean, print: Print): Promise<number> {
  const { databaseUrl, databaseOwnerUrl } = config
  if (isMissing(databaseUrl)) throw new BackupError(`there is no database ${databaseLabel(databaseUrl)}.`)
  const key = new SigningKey(config)
  if (key.isMissing) throw new BackupError(`there is no key ${key.path}, by which the copy could be checked.`)
  const bars = { copy: progressBar('pages'), check: progressBar('entries') }
  try {
    const outcome = await makeBackup({
      databaseUrl: (isPostgres(databaseUrl) ? databaseOwnerUrl : undefined) ?? databaseUrl,
      directory,
      key: key.current().verifier,
      replays: replaysOf(),
      keys: withKeys ? keysInFiles(config, key) : undefined,
      record: (made, publish) => record(config, key, made, publish),
      onCopy: bars.copy.update,
      onCheck: (done, total) => {
        bars.copy.end()
        bars.check.update(done, total)
      },
    })
    for (const bar of Object.values(bars)) bar.end()
    if (!('path' in outcome)) return printObjection(outcome, 'The copy is not kept.', print)
    report(config, outcome, withKeys, print)
    return EXIT.done
  } finally {
    for (const bar of Object.values(bars)) bar.end()
  }
}

const record = async (
  config: Config,
  key: SigningKey,
  { path, sha256, size }: MadeBackup,
  publish: Parameters<BackupRequest['record']>[1],
): Promise<void> => {
  const database = await openDatabase(config.databaseUrl)
  try {
    await checkSigningKey(database.reader, key)
    const writer = new AuditWriter(database, EVENT_TYPES, systemClock, key)
    const file = basename(path)
    await writer.transaction(async (tx) => {
      await tx.append(auditEvent('AUDIT_BACKUP_MADE', systemOperator(), { source: 'cli' }, { file, sha256, size }))
      // A backup that the trail does not know of is taken back.
      tx.lastly(publish)
    })
  } finally {
    await database.close()
  }
}

const settingsKeyPath = ({ dataDir }: Config): string => join(dataDir, 'settings.key')

/** Those that lie in files: what is in the environment is kept by whoever put it there. */
const keysInFiles = (config: Config, key: SigningKey) => ({
  signing: key.isConfigured ? undefined : key.current().export(),
  settings: config.settingsKey === undefined ? readIfThere(settingsKeyPath(config)) : undefined,
})

const settingsKeyLine = (path: string): string =>
  existsSync(path) ? path : `${path}, when there is one: the first erasure or secret setting makes it`

function report(config: Config, { path, size, present, bytes, sha256 }: MadeBackup, withKeys: boolean, print: Print) {
  print(`Backed up ${databaseLabel(config.databaseUrl)} to ${path}`)
  print(
    `${present === undefined ? '' : `${present} entries, `}checkpoint of ${size}, ${bytes} bytes, SHA-256 ${sha256}`,
  )
  if (present === undefined)
    print(
      'The file can be read, but its tree was not verified: that takes a database to restore it into, which this user may not make.',
    )
  const key = new SigningKey(config)
  const keys = [
    key.isConfigured ? 'AUDIT_SIGNING_KEY, from the environment' : key.path,
    config.settingsKey === undefined ? settingsKeyLine(settingsKeyPath(config)) : 'SETTINGS_KEY, from the environment',
  ]
  print('The keys are not in it, and without them the trail can neither go on nor obey erasures made since.')
  print('Keep copies of these elsewhere:')
  for (const each of keys) print(`  ${each}`)
  print('So that a restore obeys what is erased from now on, keep copies of this too, as it grows:')
  print(`  ${erasureJournal(config)}`)
  if (withKeys) print(`Those in files are copied to ${besides(path).keys} too: who has that directory can sign.`)
}
