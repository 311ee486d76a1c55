import { ChatwardenError } from '../../kernel/errors.ts'
import { mergeRuns, type Run, runsOf } from '../entry/coverage.ts'
import { type Archive, archivesOfRemovable } from './archive.repository.ts'
import type { ArchiveParts } from './archive-parts.ts'
import { archivePages, checkArchive } from './read-archive.ts'

/**
 * Which of the entries that retention could remove are in archives, by what their files hold: whoever can write to the
 * table could say anything there, and what is in no archive would be gone.
 */
export async function inArchives(
  parts: ArchiveParts,
  throughSeq: number,
  counts: (archive: Archive) => boolean = () => true,
): Promise<Run[]> {
  const runs: Run[] = []
  for (const archive of await archivesOfRemovable(parts.reader, throughSeq))
    if (counts(archive)) runs.push(...(await runsIn(parts, archive)))
  return mergeRuns(runs)
}

/** Nothing where the file is not as it was signed: what is still in the database is archived anew then. */
async function runsIn(parts: ArchiveParts, archive: Archive): Promise<Run[]> {
  const problems = await checkArchive(parts, archive)
  if (problems.length > 0) {
    const err = new ChatwardenError('ARCHIVE_DAMAGED', problems.join(' '))
    parts.log.error({ err, archive: archive.name }, 'An archive is not as it was signed')
    return []
  }
  const runs: Run[] = []
  for await (const page of archivePages(parts, archive.name)) runs.push(...runsOf(page.map(({ seq }) => seq)))
  return runs
}
