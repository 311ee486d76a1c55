import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { operatorName } from '../app/operator.ts'
import { UsageError } from '../app/usage-error.ts'
import type { Who } from '../audit/entry/audit-filter.ts'
import { auditEvent } from '../audit/entry/entry.ts'
import { type Exported, Exporter, type Prepared } from '../audit/export/exporter.ts'
import type { ExportShape } from '../audit/export/formats.ts'
import { shapeOf } from '../audit/export/shape-words.ts'
import { manifestOf, sidecarOf } from '../audit/export/sidecar.ts'
import { toFilter } from '../audit/read/filter-dates.ts'
import { type FilterWords, parseFilter, recordOf, SHAPE_WORDS } from '../audit/read/filter-grammar.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { type Config, readConfig } from '../config.ts'
import { type Account, readActor } from '../kernel/account.ts'
import { systemClock } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { linkedTo } from '../roles/person-record.repository.ts'
import { databaseLabel, isMissing } from '../storage/beside-database.ts'
import { openSnapshot, withSnapshot } from '../storage/snapshot.ts'
import { english } from '../text/english.ts'
import { mustBeWritable, mustNotBeOwn } from './given-path.ts'
import { print } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { STDOUT, stdoutDraft, toStdout } from './to-stdout.ts'

const NAME = /\.(jsonl|json|csv)(\.gz)?$/

/** `chatwarden export`: entries as a file, all of them where no filter says which. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      profile: { type: 'string' },
      bom: { type: 'boolean', default: false },
      to: { type: 'string' },
    },
  })
  const named = positionals.find((word) => /^format:/i.test(word))?.slice('format:'.length)
  const extension = values.format ?? named ?? NAME.exec(values.to ?? '')?.[0].slice(1) ?? 'jsonl'
  const to = values.to ?? `audit-logs-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}.${extension}`
  const format = named === undefined || values.format !== undefined ? [`format:${extension}`] : []
  const profile = values.profile === undefined ? [] : [`profile:${values.profile}`]
  const options = [...format, ...profile, ...(values.bom ? ['bom:yes'] : [])]
  if (to.trim() === '') throw new UsageError('--to needs the name of a file, or - for stdout.')
  const config = readConfig()
  const files = [to, manifestOf(to), sidecarOf(to)]
  if (to !== STDOUT) mustNotBeOwn('--to', files, config)
  const asked = askedBy([...positionals, ...options].map(quoted).join(' '), config)
  if (isMissing(config.databaseUrl))
    throw new ChatwardenError('CONFIG_INVALID', `There is no database ${databaseLabel(config.databaseUrl)}.`)
  if (to === STDOUT) {
    await write(config, asked, await stdoutDraft(config), toStdout)
    return 0
  }
  mustBeWritable('--to', files)
  const { count } = await write(config, asked, to)
  print(`${count} entries in ${to}, with ${manifestOf(basename(to))} and ${sidecarOf(basename(to))}.`)
  return 0
}

/** The shell has taken the quotes away that kept words together, if it was not told to keep them. */
const quoted = (word: string): string => (/^\w+:[^"“”„]*\s/.test(word) ? word.replace(/:(.*)$/s, ':“$1”') : word)

interface Asked {
  readonly words: FilterWords
  readonly shape: ExportShape
}

function askedBy(text: string, config: Config): Asked {
  const person = (typed: string) => readActor(typed, config.defaultCountry)
  const parsed = parseFilter(text, { more: SHAPE_WORDS, person, country: config.defaultCountry })
  if (parsed.kind === 'problem') throw new UsageError(english.filter.problem(parsed.problem))
  const asked = shapeOf(parsed.words, 'jsonl')
  if ('problem' in asked) throw new UsageError(english.filter.problem(asked.problem))
  return { words: parsed.words, shape: asked.shape }
}

async function write(
  config: Config,
  { words, shape }: Asked,
  path: string,
  handOver?: (prepared: Prepared) => Promise<void>,
): Promise<Exported> {
  const { timeZone, databaseUrl } = config
  const filter = await toFilter(words, { now: Date.now(), timeZone }, (account) => whoseIn(databaseUrl, account))
  if (filter === undefined) throw new UsageError('That time does not exist, or it ends before it begins.')
  const by = `SYSTEM, typed by ${operatorName()}`
  const bar = progressBar('entries')
  return new Exporter(() => openSnapshot(databaseUrl), new SigningKey(config), systemClock)
    .write(
      { ...shape, path, filter, timeZone, by },
      bar.update,
      (exported) => record(words, exported, handOver === undefined ? { file: basename(path) } : { by: 'stdout' }),
      handOver,
    )
    .finally(() => bar.end())
}

const whoseIn = (databaseUrl: string, account: Account): Promise<Who> =>
  withSnapshot(databaseUrl, (snapshot) => linkedTo(snapshot, account))

/** What writes entries is loaded now, not before: it takes as much memory as the export. */
async function record(
  words: FilterWords,
  { count: recordCount, sha256 }: Exported,
  where: { readonly file: string } | { readonly by: string },
): Promise<void> {
  const { withTrail } = await import('./open-trail.ts')
  const metadata = { format: words.format ?? '', recordCount, filters: recordOf(words), ...where, sha256 }
  await withTrail(({ writer, actor, place }) =>
    writer.transaction((tx) => tx.append(auditEvent('AUDIT_LOG_EXPORTED', actor, place, metadata))),
  )
}
