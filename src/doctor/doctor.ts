import { StoredTrail } from '../audit/verify/stored-trail.repository.ts'
import { checkHeadKey, lostTrail } from '../audit/write/check-key.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { type Config, readConfig } from '../config.ts'
import { ChatwardenError, ERRORS } from '../kernel/errors.ts'
import { TRIAL_OWNER } from '../roles/user.ts'
import { isPostgres } from '../storage/beside-database.ts'
import { isDatabaseError } from '../storage/database-error.ts'
import { inspectDatabase } from '../storage/inspect.ts'
import { inspectServer } from '../storage/postgresql/inspect-server.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { checkDatabase, checkOwner, checkSchema } from './database.ts'
import { type Finding, ok, problem } from './finding.ts'
import { checkClock, checkDirectory, checkMemory, checkNode } from './machine.ts'
import { checkServer } from './server.ts'
import { checkWhatsApp } from './whatsapp.ts'

const SIGNS = { ok: '✔', warning: '!', problem: '✘' } as const

/**
 * Looks at everything that the bot needs and changes nothing. Prints a line for each check, and what to do about what
 * is wrong. @returns whether the bot can start.
 */
export async function doctor(print: (line: string) => void): Promise<boolean> {
  const findings = await examine()
  for (const { name, verdict, text, advice } of findings) {
    print(`${SIGNS[verdict]} ${name}: ${text}`)
    for (const line of advice?.split('\n') ?? []) print(`    ${line}`)
  }
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length
  print(
    problems === 0 ? 'The bot can start.' : `The bot cannot start: ${problems} of ${findings.length} checks failed.`,
  )
  return problems === 0
}

async function examine(): Promise<Finding[]> {
  const node = checkNode()
  const config = read()
  return 'verdict' in config ? [node, config] : [node, ok('Configuration', 'valid'), ...(await examineAll(config))]
}

function read(): Config | Finding {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ChatwardenError)) throw error
    return problem(
      'Configuration',
      'cannot be used',
      error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .join('\n'),
    )
  }
}

/** Whether the trail can go on with the key that there is. */
async function checkTrailKey(config: Config, trail: 'there' | 'none' | 'unknown'): Promise<Finding> {
  const name = 'Signing key'
  const key = new SigningKey(config)
  if (trail === 'unknown') return ok(name, key.isMissing ? 'there is none' : 'there is one')
  try {
    const checkpoint = trail === 'none' ? '' : await checkpointIn(config)
    if (checkpoint === '') return checkFirstKey(name, key)
    checkHeadKey(checkpoint, key)
    return ok(name, key.current().verifier.toString())
  } catch (error) {
    if (isDatabaseError(error)) return ok(name, 'the next start brings the database up to date first')
    if (!(error instanceof ChatwardenError)) throw error
    return problem(name, 'cannot be used', adviceOn(error))
  }
}

const checkpointIn = ({ databaseUrl }: Config): Promise<string> =>
  withSnapshot(databaseUrl, async (snapshot) => (await new StoredTrail(snapshot).head())?.checkpoint ?? '')

/** Of a database without a trail: what has signed one has lost it. */
function checkFirstKey(name: string, key: SigningKey): Finding {
  if (key.isInPlace) return problem(name, `${key.path} has signed a trail that is not here`, adviceOn(lostTrail(key)))
  return ok(name, key.isConfigured ? key.current().verifier.toString() : 'the first start makes one')
}

const adviceOn = ({ code, message }: ChatwardenError): string => message.replace(`${ERRORS[code].log} `, '')

async function examineAll(config: Config): Promise<Finding[]> {
  const { chats, dataDir, whatsapp } = config
  return [
    ...(isPostgres(config.databaseUrl) ? await examineServer(config) : await examineFile(config)),
    checkDirectory('Data directory', 'DATA_DIR', dataDir),
    ...(chats.includes('whatsapp')
      ? [
          checkDirectory('Session directory', 'WHATSAPP_SESSION_DIR', whatsapp.sessionDirectory),
          checkMemory(),
          ...(await checkWhatsApp(whatsapp)),
        ]
      : []),
  ]
}

async function examineFile(config: Config): Promise<Finding[]> {
  const database = await inspectDatabase(config.databaseUrl, TRIAL_OWNER)
  const isSound = database.kind === 'sound'
  return [
    checkClock(Date.now(), isSound ? database : undefined),
    checkDirectory('Database directory', 'DATABASE_URL', `${database.path}/..`),
    checkDatabase(database),
    ...(isSound ? [checkSchema(database.deviations)] : []),
    await checkTrailKey(config, isSound ? 'there' : database.kind === 'missing' ? 'none' : 'unknown'),
    ownerOf(config, isSound ? database.owners : 0),
  ]
}

async function examineServer(config: Config): Promise<Finding[]> {
  const found = await inspectServer(config.databaseUrl, TRIAL_OWNER)
  const trail = found.kind === 'reached' ? found.trail : undefined
  const isEmpty = found.kind === 'reached' && found.condition === undefined
  return [
    checkClock(Date.now(), trail),
    ...checkServer(found, config.databasePoolSize),
    await checkTrailKey(config, trail !== undefined ? 'there' : isEmpty ? 'none' : 'unknown'),
    // Of a trail that can't be read it is not known.
    ...(found.kind === 'reached' && found.condition !== undefined && trail === undefined
      ? []
      : [ownerOf(config, trail?.owners ?? 0)]),
  ]
}

const ownerOf = ({ ownerPhoneNumbers, chats }: Config, owners: number): Finding =>
  checkOwner(owners, ownerPhoneNumbers.length, !chats.includes('terminal'))
