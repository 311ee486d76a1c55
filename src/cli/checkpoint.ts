import { parseArgs } from 'node:util'
import { unverifiedHead } from '../audit/tree/checkpoint.ts'
import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import { readConfig } from '../config.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { databaseLabel, isMissing } from '../storage/beside-database.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { english } from '../text/english.ts'
import { complain, print, printLines } from './print.ts'
import { record } from './record.ts'

/** `chatwarden checkpoint`: the signed head, if there is one. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { 'no-entry': { type: 'boolean' } } })
  const { databaseUrl } = readConfig()
  if (isMissing(databaseUrl))
    throw new ChatwardenError('CONFIG_INVALID', `There is no database ${databaseLabel(databaseUrl)}.`)
  const head = await withSnapshot(databaseUrl, (snapshot) => new StoredTrail(snapshot).head())
  if (head === undefined || head.checkpoint === '') return 3
  printLines(head.checkpoint.trimEnd(), print)
  const { branches = [] } = unverifiedHead(head.checkpoint)
  if (branches.length > 0) complain(english.trail.branch(branches))
  if (values['no-entry'] !== true) await record('AUDIT_CHECKPOINT_SENT', { size: Number(head.size), recipients: 1 })
  return 0
}
