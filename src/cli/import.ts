import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { knownSubjectHash } from '../app/subject-hash.ts'
import { UsageError } from '../app/usage-error.ts'
import { FileError } from '../audit/export/file-error.ts'
import { type CheckedSource, checkSource } from '../audit/import/checked-source.ts'
import { type ImportCounts, Importer } from '../audit/import/importer.ts'
import type { SourceFormat } from '../audit/import/source-records.ts'
import { systemClock } from '../kernel/clock.ts'
import { mustBeFile } from '../kernel/must-be-file.ts'
import { isSystemError } from '../kernel/problem.ts'
import { fileNamed } from './given-path.ts'
import { withTrail } from './open-trail.ts'
import { print, printProblem } from './print.ts'
import { progressBar } from './progress-bar.ts'

const NAME = /\.(jsonl|ndjson|json|csv|tsv)(?:\.gz)?$/i
const FORMATS: Readonly<Record<string, SourceFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'csv',
}
/** What the parts of a file end with. */
const PART = /\.\d{3,}$/
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
  const said = values.format === undefined ? undefined : formatOf(values.format)
  try {
    const isFound = lookFor(path)
    const format = said ?? formatByName(path)
    if (!isFound) throw new FileError(`There is no file ${path}.`)
    const source = await checkSource({ path, format, from: values.from })
    tellBad(source)
    const { count, badCount } = source
    if (badCount > 0 && (count === 0 || !values['skip-bad'])) {
      print(
        count > 0 ? 'Nothing was imported. --skip-bad imports the others.' : 'Nothing was imported: none can be read.',
      )
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

/** Whether there is a file, or its parts. @throws the file system's error where there is anything else. */
function lookFor(path: string): boolean {
  if (!isThere(path)) return isThere(`${path}.001`)
  mustBeFile(path)
  return true
}

/** What may not be looked at may be there. @throws the file system's error. */
const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

function formatByName(path: string): SourceFormat {
  const whole = path.replace(PART, '')
  if (whole !== path && NAME.test(whole))
    throw new FileError(`${path} is a part: import ${whole}, which is all of its parts.`)
  return formatOf(NAME.exec(path)?.[1])
}

function formatOf(typed = ''): SourceFormat {
  const name = typed.toLowerCase()
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (format === undefined)
    throw new UsageError('import reads jsonl (ndjson), json and csv (tsv), by the name of the file or --format.')
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
