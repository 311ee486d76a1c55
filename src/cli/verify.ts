import { parseArgs } from 'node:util'
import { replaysOf } from '../app/replays.ts'
import { UsageError } from '../app/usage-error.ts'
import { findCheckpoint, openCheckpoint } from '../audit/tree/checkpoint.ts'
import { leafHashOfJson } from '../audit/tree/leaf.ts'
import { NoteError } from '../audit/tree/note.ts'
import { parseTlogProof } from '../audit/tree/tlog-proof.ts'
import { verifyInclusion } from '../audit/tree/verify-proofs.ts'
import type { Finding } from '../audit/verify/finding.ts'
import { type Verification, type VerifyOptions, verify } from '../audit/verify/verify.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { type Config, readConfig } from '../config.ts'
import { isSystemError, Problem } from '../kernel/problem.ts'
import { databaseLabel, isMissing } from '../storage/beside-database.ts'
import { isDatabaseError } from '../storage/database-error.ts'
import { openSnapshot } from '../storage/snapshot.ts'
import { english } from '../text/english.ts'
import { type Print, print, printProblem } from './print.ts'
import { printFindings } from './print-findings.ts'
import { progressBar } from './progress-bar.ts'
import { record } from './record.ts'
import { EXIT, ownKey, readKey, readText, Unchecked } from './trusted-keys.ts'

interface VerifyArguments {
  readonly checkpoint?: string | undefined
  readonly proof?: string | undefined
  readonly entry?: string | undefined
  readonly key?: readonly string[] | undefined
  readonly 'no-entry'?: boolean | undefined
}

/** `chatwarden verify`: the whole database, or one proof without any. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      checkpoint: { type: 'string' },
      proof: { type: 'string' },
      entry: { type: 'string' },
      key: { type: 'string', multiple: true },
      'no-entry': { type: 'boolean' },
    },
  })
  try {
    if (values.proof !== undefined || values.entry !== undefined) return verifyProof(values, print)
    return await verifyDatabase(values, print)
  } catch (error) {
    if (!(error instanceof Problem || isSystemError(error) || isDatabaseError(error))) throw error
    printProblem(`Could not check: ${error.message}`, print)
    return EXIT.unchecked
  }
}

async function verifyDatabase(values: VerifyArguments, print: Print): Promise<number> {
  const { checkpoint, key = [] } = values
  const config = readConfig()
  const keys = key.length > 0 ? key.map(readKey) : [ownKey(config)]
  const kept = checkpoint === undefined ? undefined : readKept(checkpoint)
  if (isMissing(config.databaseUrl)) throw new Unchecked(`there is no database ${databaseLabel(config.databaseUrl)}.`)
  const verification = await verified(config, { keys, checkpoint: kept })
  const code = report(verification, key.length > 0, print)
  if (values['no-entry'] !== true && isOwn(config, verification)) await record('AUDIT_VERIFIED', asEntry(verification))
  return code
}

async function verified(
  { databaseUrl }: Config,
  how: Pick<VerifyOptions, 'keys' | 'checkpoint'>,
): Promise<Verification> {
  const snapshot = await openSnapshot(databaseUrl)
  const bar = progressBar('entries')
  try {
    return await verify(snapshot, {
      ...how,
      replays: replaysOf(),
      now: new Date(),
      onProgress: bar.update,
    })
  } finally {
    bar.end()
    await snapshot.close()
  }
}

/** Whether it is this machine's to write to. What is wrong with the database by itself stays as it is found, and so does its head. */
const isOwn = (config: Config, { isRead, findings }: Verification): boolean =>
  isRead && !new SigningKey(config).isMissing && !findings.some(({ kind }) => UNTOUCHED.includes(kind))
const UNTOUCHED: readonly Finding['kind'][] = ['damaged', 'altered schema', 'missing trigger', 'bad signature']

const asEntry = ({ size, findings, extends: checkpointSize }: Verification) => ({
  size,
  findings: findings.length,
  checkpointSize,
})

function report(verification: Verification, isPinned: boolean, print: Print): number {
  const { findings, comparedWith: size } = verification
  printFindings(verification, print)
  const consistent = findings.length === 0 ? 'Internally consistent' : 'Not consistent'
  const compared = !verification.isRead
    ? 'its entries were not read, nor compared with a checkpoint'
    : size === undefined
      ? 'compared with no kept checkpoint: an older copy of everything would look the same (--checkpoint FILE)'
      : `${verification.extends === undefined ? 'does not extend' : 'extends'} checkpoint ${size}`
  const signed = isPinned
    ? 'signed by the key given'
    : 'signed by the key on this machine (--key KEY to give one kept elsewhere)'
  print(`${consistent}; ${compared}${findings.length === 0 ? `; ${signed}` : ''}.`)
  return findings.length === 0 ? EXIT.clean : EXIT.findings
}

/** One entry against its proof: no database, no configuration. */
function verifyProof({ proof, entry, key = [] }: VerifyArguments, print: Print): number {
  if (proof === undefined || entry === undefined || key.length === 0)
    throw new UsageError('--proof FILE, --entry FILE and --key KEY belong together.')
  const keys = key.map(readKey)
  const [proofText, entryText] = [readText(proof), readText(entry)]
  try {
    const { index, hashes, checkpoint } = parseTlogProof(proofText)
    const { origin, size, root, by, branches = [] } = openCheckpoint(checkpoint, keys)
    if (!verifyInclusion(leafHashOfJson(entryText), index, size, hashes, root))
      throw new NoteError('The entry is not the one that the proof is of.')
    print(
      `Entry ${index} is in ${origin} of ${size} entries, signed by ${by.map((each) => `${each.name}+${each.keyId}`).join(', ')}.`,
    )
    if (branches.length > 0) print(english.trail.branch(branches))
    return EXIT.clean
  } catch (error) {
    if (!(error instanceof NoteError || error instanceof RangeError || error instanceof SyntaxError)) throw error
    print(`Not proved: ${error.message}`)
    return EXIT.findings
  }
}

function readKept(path: string): string {
  const note = findCheckpoint(readText(path))
  if (note === undefined) throw new Unchecked(`${path} holds no checkpoint.`)
  return note
}

/** What the driver says of a file that is no database, is damaged, or has no trail. */
