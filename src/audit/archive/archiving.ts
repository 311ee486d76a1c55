import { Complaints } from '../../kernel/complaints.ts'
import type { Run } from '../entry/coverage.ts'
import { SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import { type Archive, isSomeToUpload, toLookThrough } from './archive.repository.ts'
import type { ArchiveParts } from './archive-parts.ts'
import { eraseFromArchives } from './erase-from-archives.ts'
import { inArchives } from './in-archives.ts'
import { removeOldArchives } from './remove-archives.ts'
import { type Expired, storeArchives } from './store-archives.ts'
import { uploadArchives } from './upload-archives.ts'

const BY = { actor: SYSTEM, place: SYSTEM_PLACE }

/** What the clean-up has to do with archives. */
export class Archiving {
  readonly #parts: ArchiveParts
  readonly #complaints: Complaints

  constructor(parts: ArchiveParts) {
    this.#parts = parts
    this.#complaints = new Complaints(parts.clock, parts.log)
  }

  /**
   * Archives what is past its retention.
   * @returns what may leave the database now: it lies in an archive that was read back, in the object store too where
   * there is one.
   * @throws the reason of `stopping`, between two archives; so do the others here.
   */
  async store(expired: Expired, stopping?: AbortSignal): Promise<Run[]> {
    await this.#erase({ stopping, again: true })
    await storeArchives(this.#parts, expired, BY, stopping)
    await this.#upload(stopping)
    const isSafe = ({ uploadedAt }: Archive) => this.#parts.objects === undefined || uploadedAt !== null
    return inArchives(this.#parts, expired.throughSeq, isSafe)
  }

  /** Whether an erasure may have something to do in an archive, or one is not in the object store yet. */
  async isBehind(): Promise<boolean> {
    const { reader, objects } = this.#parts
    if ((await toLookThrough(reader)).names.length > 0) return true
    return objects !== undefined && (await isSomeToUpload(reader))
  }

  /** Carries out in the archives what was erased since; in the object store too. What cannot be done is left for the next time. */
  async erase(stopping?: AbortSignal): Promise<void> {
    await this.#erase({ stopping })
    await this.#upload(stopping)
  }

  async #erase(options: Parameters<typeof eraseFromArchives>[2]): Promise<void> {
    for (const { name, error } of await eraseFromArchives(this.#parts, BY, options))
      this.#complaints.tell(`What was erased could not be taken out of the archive ${name}; it is tried again`, error)
  }

  /** What is not in the object store stays in the database until it is. */
  async #upload(stopping: AbortSignal | undefined): Promise<void> {
    for (const error of await uploadArchives(this.#parts, BY, stopping))
      this.#complaints.tell('An archive could not be uploaded; it is tried again', error)
  }

  /** Removes archives that are old enough, and from the others what no hold keeps from an erasure any more. */
  async removeOld(stopping?: AbortSignal): Promise<void> {
    // Also where nothing is archived any more.
    await this.#erase({ stopping, again: true })
    for (const error of await removeOldArchives(this.#parts, BY, stopping))
      this.#complaints.tell('An archive that is old enough could not be removed; it is tried again', error)
  }
}
