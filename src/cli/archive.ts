import { readdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { UsageError } from '../app/usage-error.ts'
import {
  type Archive,
  archives,
  findArchive,
  keepsErased,
  restored,
  toLookThrough,
} from '../audit/archive/archive.repository.ts'
import { checkArchive } from '../audit/archive/read-archive.ts'
import { releaseArchive, restoreArchive } from '../audit/archive/restore-archive.ts'
import { countOf } from '../audit/entry/coverage.ts'
import { absentOf } from '../audit/remove/runs.repository.ts'
import { missing } from '../kernel/durable-file.ts'
import { type OpenTrail, withTrail } from './open-trail.ts'
import { print } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { EXIT } from './trusted-keys.ts'

/** `chatwarden archive list|verify|restore|release`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  const [what, name, ...others] = positionals
  const needsName = what === 'restore' || what === 'release'
  if (others.length > 0 || (needsName && name === undefined) || (what === 'list' && name !== undefined))
    throw new UsageError('archive needs list, verify [name], restore <name> or release <name>.')
  switch (what) {
    case 'list':
      return withTrail(list)
    case 'verify':
      return withTrail((trail) => verify(trail, name))
    case 'restore':
      return withTrail((trail) => restore(trail, name ?? ''))
    case 'release':
      return withTrail((trail) => release(trail, name ?? ''))
    default:
      throw new UsageError(`Unknown: archive ${what ?? ''}`)
  }
}

async function list({ database, archiving }: OpenTrail): Promise<number> {
  const back = await restoredCounts(database.reader)
  const found = await archives(database.reader)
  if (found.length === 0) print('There are no archives.')
  const waiting = new Set((await toLookThrough(database.reader)).names)
  for (const archive of found) print(lineOf(archive, back.get(archive.name), waiting.has(archive.name)))
  for (const name of await unknownIn(archiving.directory, found))
    print(`${name}  is not in the trail: a crash left it, or it is of another database. Who is erased stays in it.`)
  return 0
}

/** How many entries of each archive are back. */
async function restoredCounts(reader: OpenTrail['database']['reader']): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { archive, runs } of await restored(reader))
    counts.set(archive, countOf(runs) - countOf(await absentOf(reader, runs)))
  return counts
}

/** Archives that lie there and that the database does not know. */
async function unknownIn(directory: string, known: readonly Archive[]): Promise<string[]> {
  const names = await readdir(directory, { recursive: true }).catch(missing([] as string[]))
  // Also where only what lies beside one is left of it.
  const found = names
    .map((name) => name.replace(/\.(?:manifest|sha256)$/, ''))
    .filter((name) => name.endsWith('.jsonl.gz'))
  return [...new Set(found)].filter((name) => !known.some((archive) => archive.name === name)).sort()
}

function lineOf(archive: Archive, back: number | undefined, isPending: boolean): string {
  const { name, entries, newestAt, sha256, uploadedAt } = archive
  const state = [
    ...(uploadedAt === null ? [] : ['uploaded']),
    ...(archive.removingAt === null ? [] : ['is being removed']),
    ...(isPending ? ['an erasure is still to be carried out in it'] : []),
    ...(!isPending && keepsErased(archive) ? ['a hold kept what was erased in it'] : []),
    ...(back === undefined ? [] : [`${back} entries restored`]),
  ]
  return [name, `${entries} entries`, `to ${newestAt.toISOString()}`, sha256.slice(0, 16), ...state].join('  ')
}

async function verify({ archiving, database }: OpenTrail, name: string | undefined): Promise<number> {
  const all = (await archives(database.reader)).filter(({ removingAt }) => removingAt === null)
  const wanted = name === undefined ? all : [await known(database.reader, name)]
  const bar = progressBar('archives')
  let wrong = 0
  for (const [index, archive] of wanted.entries()) {
    bar.update(index, wanted.length)
    const problems = await checkArchive(archiving, archive)
    bar.end()
    if (problems.length > 0) wrong++
    print(
      problems.length === 0
        ? `${archive.name}: ${archive.entries} entries, as they were signed`
        : `✘ ${archive.name}: ${problems.join(' ')}`,
    )
  }
  print(
    wrong === 0
      ? `${wanted.length} archives are as they were signed.`
      : `${wrong} of ${wanted.length} archives are damaged.`,
  )
  return wrong === 0 ? EXIT.clean : EXIT.findings
}

async function restore({ archiving, database, actor, place }: OpenTrail, name: string): Promise<number> {
  await known(database.reader, name)
  const { count, erased } = await restoreArchive(archiving, name, { actor, place })
  print(
    count === 0
      ? `Nothing came back: whatever of ${name} may be in the database is there.`
      : `${count} entries are back in the database, with their numbers and proofs. They stay until: chatwarden archive release ${name}`,
  )
  if (erased > 0)
    print(`${erased} entries stay in the archive alone: they were erased, and go when no hold keeps them any more.`)
  return 0
}

async function release({ archiving, database, actor, place }: OpenTrail, name: string): Promise<number> {
  await known(database.reader, name)
  const isReleased = await releaseArchive(archiving, name, { actor, place })
  print(
    isReleased
      ? `Released. The next clean-up removes the entries of ${name} again.`
      : `Nothing of ${name} was restored.`,
  )
  return 0
}

async function known(reader: OpenTrail['database']['reader'], name: string): Promise<Archive> {
  const archive = await findArchive(reader, name)
  if (archive === undefined) throw new UsageError(`There is no archive ${name}. See: chatwarden archive list`)
  return archive
}
