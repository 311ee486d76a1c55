import { userIds } from '../remove/person-entries.repository.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { erasuresAfter } from '../write/erased-subjects.repository.ts'
import { ErasedSubjects } from '../write/erased-subjects.ts'
import type { ArchiveParts } from './archive-parts.ts'

type Parts = Pick<ArchiveParts, 'reader' | 'hashOf'>
type Erasures = Awaited<ReturnType<typeof erasuresAfter>>

/** Which entries the erasures from `seq` on have erased. A hold may keep some of them for a time. */
export async function erasedSince(parts: Parts, seq: number): Promise<(entry: ProvableEntry) => boolean> {
  return erasedBy(parts, await erasuresAfter(parts.reader, seq - 1))
}

/** The `seq` of an erasure before all that a hold kept some of these entries from; `undefined` if there is none. */
export async function keptFrom(parts: Parts, entries: readonly ProvableEntry[]): Promise<number | undefined> {
  const keeping = (await erasuresAfter(parts.reader, -1)).filter(({ hasHeld }) => hasHeld)
  return entries.some(await erasedBy(parts, keeping)) ? keeping[0]?.seq : undefined
}

async function erasedBy({ reader, hashOf }: Parts, erasures: Erasures) {
  const users = await userIds(reader)
  const subjects = new ErasedSubjects(hashOf, (id) => users.has(id))
  for (const erasure of erasures) subjects.add(erasure, erasure.seq)
  return (entry: ProvableEntry): boolean => subjects.isErased(entry, entry.seq)
}
