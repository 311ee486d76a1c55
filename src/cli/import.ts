import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { knownSubjectHash } from '../app/subject-hash.ts'
import { UsageError } from '../app/usage-error.ts'
import { FileError } from '../audit/export/file-error.ts'
import { type CheckedSource, checkSource } from '../audit/import/checked-source.ts'
import { type ImportCounts, Importer } from '../audit/import/importer.ts'
import type { SourceFormat } from '../audit/import/source-records.ts'
import { systemClock } from '../kernel/clock.ts'
import { isSystemError } from '../kernel/problem.ts'
import { fileNamed } from './given-path.ts'
import { withTrail } from './open-trail.ts'
import { print, printProblem } from './print.ts'
import { progressBar } from './progress-bar.ts'

const NAME = /\.(jsonl|ndjson|json|csv)(?:\.gz)?$/i
const FORMATS: Readonly<Record<string, SourceFormat>> = { jsonl: 'jsonl', ndjson: 'jsonl', json: 'json', csv: 'csv' }
const COULD_NOT = 3

/** `chatwarden import`: the entries of another log, from a file. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { from: { type: 'string' }, format: { type: 'string' }, 'skip-bad': { type: 'boolean', default: false } },
  })
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('import needs the name of one file.')
  fileNamed('import', path, 'Save what is piped in: it is read more than once.')
  if (values.from?.trim() === '') throw new UsageError('--from needs a name.')
  const format = formatOf(values.format ?? NAME.exec(path)?.[1])
  try {
    if (!existsSync(path) && !existsSync(`${path}.001`)) throw new FileError(`There is no file ${path}.`)
    const source = await checkSource({ path, format, from: values.from })
    tellBad(source)
    if (source.badCount > 0 && !values['skip-bad']) {
      print('Nothing was imported. --skip-bad imports the others.')
      return COULD_NOT
    }
    tell(source, await importAll(source))
    return 0
  } catch (error) {
    if (!(error instanceof FileError || isSystemError(error))) throw error
    printProblem(`Could not import: ${error.message}`, print)
    return COULD_NOT
  }
}

function formatOf(typed = ''): SourceFormat {
  const name = typed.toLowerCase()
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (format === undefined)
    throw new UsageError('import reads jsonl, json and csv, by the name of the file or --format.')
  return format
}

function importAll(source: CheckedSource): Promise<ImportCounts> {
  return withTrail(async ({ config, writer, actor, place }) => {
    const bar = progressBar('entries')
    const importer = new Importer({ writer, clock: systemClock, hashOf: knownSubjectHash(config) })
    try {
      return await importer.import(source, { actor, place }, bar.update)
    } finally {
      bar.end()
    }
  })
}

function tellBad({ bad, badCount }: CheckedSource): void {
  for (const line of bad) print(`✘ ${line}`)
  if (badCount > bad.length) print(`✘ and ${badCount - bad.length} more`)
}

function tell({ path, from, count, badCount }: CheckedSource, { imported, known, erased }: ImportCounts): void {
  print(`${imported} entries of ${basename(path)} imported as those of ${from}.`)
  if (count + badCount === 0) print('The file has no entries.')
  if (known > 0) print(`${known} were here already.`)
  if (erased > 0) print(`${erased} not imported: erased here.`)
  if (badCount > 0) print(`${badCount} not imported: they cannot be read.`)
}
