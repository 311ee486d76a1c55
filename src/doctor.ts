import { type Config, readConfig } from './config.ts'
import { checkDatabase, checkOwner } from './doctor/database.ts'
import { type Finding, ok, problem } from './doctor/finding.ts'
import { checkClock, checkDirectory, checkMemory, checkNode } from './doctor/machine.ts'
import { checkWhatsApp } from './doctor/whatsapp.ts'
import { ChatwardenError } from './kernel/errors.ts'
import { TRIAL_OWNER } from './roles/user.ts'
import { inspectDatabase } from './storage/inspect.ts'

const SIGNS = { ok: '✔', warning: '!', problem: '✘' } as const

/**
 * Looks at everything that the bot needs and changes nothing. Prints a line for each check, and what to do about what
 * is wrong. @returns whether the bot can start.
 */
export async function doctor(print: (line: string) => void): Promise<boolean> {
  const findings = await examine()
  for (const { name, verdict, text, advice } of findings) {
    print(`${SIGNS[verdict]} ${name}: ${text}`)
    if (advice) print(advice.replace(/^/gm, '    '))
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

async function examineAll(config: Config): Promise<Finding[]> {
  const { chats, databaseUrl, dataDir, ownerPhoneNumbers, whatsapp } = config
  const usesWhatsApp = chats.includes('whatsapp')
  const database = inspectDatabase(databaseUrl, TRIAL_OWNER)
  return [
    checkClock(Date.now(), database.kind === 'sound' ? database.newestEntry : undefined),
    checkDirectory('Database directory', 'DATABASE_URL', `${database.path}/..`),
    checkDatabase(database),
    checkOwner(database, ownerPhoneNumbers.length, !chats.includes('terminal')),
    checkDirectory('Data directory', 'DATA_DIR', dataDir),
    ...(usesWhatsApp
      ? [
          checkDirectory('Session directory', 'WHATSAPP_SESSION_DIR', whatsapp.sessionDirectory),
          checkMemory(),
          ...(await checkWhatsApp(whatsapp)),
        ]
      : []),
  ]
}
