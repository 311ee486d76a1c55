import { parseArgs } from 'node:util'
import { systemOperator } from '../app/operator.ts'
import { replaysOf } from '../app/replays.ts'
import { UsageError } from '../app/usage-error.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { serverUrlProblem } from '../config/database.ts'
import { fileUrlProblem, isMeantAsFile, plainFileUrl } from '../config/file-url.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../kernel/clock.ts'
import type { MovedBefore, MovedTrail, MoveRequest } from '../move/move.ts'
import { MoveError } from '../move/move-error.ts'
import { moveTrail } from '../move/move-trail.ts'
import { databasePath, isPostgres } from '../storage/beside-database.ts'
import { EXIT } from './backup-outcome.ts'
import { print, printProblem } from './print.ts'
import { printMoved, printMovedBefore, printNotTheTrail } from './print-move.ts'
import { progressBar } from './progress-bar.ts'

/** `chatwarden move`: takes a trail from a SQLite file to PostgreSQL. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { from: { type: 'string' }, to: { type: 'string' } } })
  const { from, to } = checkedUrls(values)
  try {
    return await move(readConfig(), from, to)
  } catch (error) {
    if (!(error instanceof MoveError)) throw error
    printProblem(`Could not move: ${error.message}`, print)
    return EXIT.failed
  }
}

const EXAMPLE = 'Example: chatwarden move --from file:./chatwarden.db --to postgresql://USER:PASSWORD@HOST/DATABASE'

/** What was typed is not repeated: there may be a password in it. */
function checkedUrls({ from = '', to = '' }: { from?: string | undefined; to?: string | undefined }) {
  if (from === '' || to === '') throw new UsageError(`move needs --from and --to. ${EXAMPLE}`)
  if (isPostgres(from))
    throw new UsageError(`A trail is moved from a file to PostgreSQL, and not back or between servers. ${EXAMPLE}`)
  if (!isMeantAsFile(from)) throw new UsageError(`--from must name a file, as file:PATH. ${EXAMPLE}`)
  const fromProblem = fileUrlProblem(from)
  if (fromProblem !== undefined) throw new UsageError(`--from ${fromProblem}. ${EXAMPLE}`)
  if (!isPostgres(to))
    throw new UsageError(`--to must name a database on a server; a file is copied by backup and restore. ${EXAMPLE}`)
  const problem = serverUrlProblem(to)
  if (problem !== undefined) throw new UsageError(`--to ${problem}. ${EXAMPLE}`)
  return { from: plainFileUrl(from), to }
}

async function move(config: Config, from: string, to: string): Promise<number> {
  const { dataDir, signingKey, archive } = config
  const places = { from: { databaseUrl: from, dataDir }, to: { databaseUrl: to, dataDir } }
  const bars = { copy: progressBar('entries copied'), check: progressBar('entries checked') }
  const begun = performance.now()
  try {
    const outcome = await moveTrail({
      beside: {
        ...places,
        isKeyConfigured: signingKey !== undefined,
        isArchiveConfigured: archive.directory !== undefined,
      },
      key: () => keyOf({ ...config, databaseUrl: from }),
      actor: systemOperator(),
      replays: replaysOf,
      clock: systemClock,
      onStage: (stage) => {
        if (stage === 'copied' || stage === 'brought') bars.copy.end()
      },
      onCopy: bars.copy.update,
      onCheck: bars.check.update,
    } satisfies MoveRequest)
    for (const bar of Object.values(bars)) bar.end()
    return report(outcome, databasePath(from), (performance.now() - begun) / 1000)
  } finally {
    for (const bar of Object.values(bars)) bar.end()
  }
}

/** The key that signs the trail. None is made: a new one has signed nothing. */
function keyOf(config: Config): SigningKey {
  const key = new SigningKey(config)
  if (!key.isConfigured && !key.isInPlace)
    throw new MoveError(`there is no key ${key.path}, by which the copy could be checked, nor AUDIT_SIGNING_KEY.`)
  return key
}

function report(
  outcome: MovedTrail | MovedBefore | Parameters<typeof printNotTheTrail>[0],
  path: string,
  seconds: number,
) {
  if ('problem' in outcome || 'findings' in outcome) {
    printNotTheTrail(outcome, print)
    return EXIT.findings
  }
  if ('movedAt' in outcome) printMovedBefore(outcome, print)
  else printMoved(outcome, path, seconds, print)
  return EXIT.done
}
