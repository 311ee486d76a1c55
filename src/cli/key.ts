import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { systemOperator } from '../app/operator.ts'
import { UsageError } from '../app/usage-error.ts'
import { auditEvent } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { isKeyName, readNote, Signer } from '../audit/tree/note.ts'
import { handOverText } from '../audit/verify/keys.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import { checkNotLost, isSignedBy } from '../audit/write/check-key.ts'
import { forgetSealed, reseal } from '../audit/write/sealed-rows.repository.ts'
import { SigningKey, signerIn } from '../audit/write/signing-key.ts'
import { readHead } from '../audit/write/trail.repository.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { isMissing } from '../storage/beside-database.ts'
import { openDatabase } from '../storage/database.ts'
import { fileNamed } from './given-path.ts'
import { type Print, print } from './print.ts'
import { record } from './record.ts'

/** `chatwarden key`, `key new` and `key rotate`. @returns the exit code. */
export async function run([what, ...args]: string[]): Promise<number> {
  if (what === undefined || what === '--no-entry') await showKey(print, what === undefined)
  else if (what === 'new') newKey(originIn(args), print)
  else if (what === 'rotate') {
    const options = { old: { type: 'string' }, lost: { type: 'boolean', default: false } } as const
    const { old, lost } = parseArgs({ args, options }).values
    if (old !== undefined) fileNamed('--old', old, 'For what is piped in write /dev/stdin.')
    await rotateKey({ old, isLost: lost }, print)
  } else throw new UsageError(`Unknown: key ${what}`)
  return 0
}

/** `chatwarden key`: the public key of the trail. */
async function showKey(print: Print, isEntry: boolean): Promise<void> {
  const config = readConfig()
  const key = new SigningKey(config)
  if (key.isMissing) throw refused(`There is no key ${key.path}. The first start of the bot makes one.`)
  print(key.current().verifier.toString())
  if (isEntry && !isMissing(config.databaseUrl)) await record('AUDIT_KEY_VIEWED', {})
}

/** @throws {UsageError} for what no key can be called. */
function originIn(args: string[]): string | undefined {
  const { origin } = parseArgs({ args, options: { origin: { type: 'string' } } }).values
  if (origin !== undefined && !isKeyName(origin))
    throw new UsageError('--origin must be one word without +. Example: --origin example.com/trail')
  return origin
}

/** `chatwarden key new`: a private key, for `AUDIT_SIGNING_KEY`. */
function newKey(origin: string | undefined, print: Print): void {
  print(Signer.generate(origin ?? `chatwarden.local/${randomBytes(8).toString('hex')}`).export())
}

interface Rotation {
  /** A file with the key that signs the trail now, where the configuration has the new one already. */
  readonly old?: string | undefined
  /** The old key is lost: nobody can sign for the new one, and verification says so. */
  readonly isLost: boolean
}

/**
 * `chatwarden key rotate`: from the next commit on another key signs. The old one signs the entry that says so, and
 * processes that run take the new one from its file.
 */
async function rotateKey(rotation: Rotation, print: Print): Promise<void> {
  const config = readConfig()
  checkNotLost(config)
  const database = await openDatabase(config.databaseUrl)
  try {
    const { checkpoint } = await readHead(database.reader)
    if (checkpoint === '') throw refused('The trail has no entries yet, so no key has signed it.')
    const key = new SigningKey(config)
    const old = oldKey(checkpoint, key, rotation)
    const next = nextKey(checkpoint, key, rotation.isLost)
    const name = nameIn(checkpoint)
    if (next.verifier.name !== name)
      throw refused(
        `The new key is named ${next.verifier.name}, and the trail ${name}. Make one with: chatwarden key new --origin ${name}`,
      )
    const isFile = !key.isConfigured
    // A first key may still lie where the next one is to be.
    if (isFile && old !== undefined) key.settle()
    if (isFile) key.prepare(next)
    const writer = new AuditWriter(database, EVENT_TYPES, systemClock, signingWith(old ?? next, config), {
      acceptsHead: old === undefined,
    })
    await writer.transaction(async (tx) => {
      if (old !== undefined) await tx.handOver(next)
      await (old === undefined ? forgetSealed(tx.db) : reseal(tx.db, old.verifier, next))
      await tx.append(
        auditEvent('AUDIT_KEY_ROTATED', systemOperator(), { source: 'cli' }, handOver(checkpoint, old, next)),
      )
    })
    if (isFile) key.takeUp(next)
    // Until now a bot that runs had the old one.
    if (old !== undefined) await database.transaction((tx) => reseal(tx, old.verifier, next))
    print(next.verifier.toString())
  } finally {
    await database.close()
  }
}

function oldKey(checkpoint: string, key: SigningKey, { old, isLost }: Rotation): Signer | undefined {
  if (isLost) return undefined
  const signer = old !== undefined ? signerIn(old) : key.isMissing ? undefined : key.current()
  if (signer !== undefined && isSignedBy(checkpoint, signer)) return signer
  const last = readNote(checkpoint).signatures.at(-1)
  throw refused(
    `The trail is signed by ${last?.name}+${last?.keyId}, and that key is not here. Name a file with it: --old FILE. If it is lost: --lost`,
  )
}

/** The configured key if it is another one already, else a new one for the file. */
function nextKey(checkpoint: string, key: SigningKey, isLost: boolean): Signer {
  const signs = !key.isMissing && isSignedBy(checkpoint, key.current())
  if (key.isConfigured && signs)
    throw refused(
      'AUDIT_SIGNING_KEY is the key that signs already. Write it to a file, set AUDIT_SIGNING_KEY to the new one, and name the file: --old FILE',
    )
  if (isLost && signs) throw refused('The key is not lost: it signs.')
  return key.isConfigured ? key.current() : Signer.generate(nameIn(checkpoint))
}

const nameIn = (checkpoint: string): string => readNote(checkpoint).signatures.at(-1)?.name ?? ''

function handOver(checkpoint: string, old: Signer | undefined, next: Signer) {
  const newKey = next.verifier.toString()
  if (old !== undefined)
    return { oldKey: old.verifier.toString(), newKey, statement: old.sign(handOverText(old.verifier, next.verifier)) }
  const last = readNote(checkpoint).signatures.at(-1)
  return { oldKey: `${last?.name}+${last?.keyId}`, newKey }
}

const signingWith = (signer: Signer, { databaseUrl, dataDir }: Config): SigningKey =>
  new SigningKey({ signingKey: signer.export(), origin: undefined, databaseUrl, dataDir })

const refused = (problem: string): ChatwardenError => new ChatwardenError('CONFIG_INVALID', problem)
