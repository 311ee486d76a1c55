import { mergeRuns, type Run } from '../coverage.ts'
import { SYSTEM, SYSTEM_PLACE } from '../entry.ts'
import { archives, latestErasure, oldestErasedThrough } from './archive.repository.ts'
import type { ArchiveParts } from './archive-parts.ts'
import { eraseFromArchives } from './erase-from-archives.ts'
import { removeOldArchives } from './remove-archives.ts'
import { type Expired, storeArchives } from './store-archives.ts'
import { uploadArchives } from './upload-archives.ts'

const BY = { actor: SYSTEM, place: SYSTEM_PLACE }

/** What the clean-up has to do with archives. */
export class Archiving {
  readonly #parts: ArchiveParts

  constructor(parts: ArchiveParts) {
    this.#parts = parts
  }

  /**
   * Archives what is past its retention.
   * @returns what may leave the database now: it lies in an archive that was read back, in the object store too where
   * there is one.
   */
  async store(expired: Expired): Promise<Run[]> {
    await eraseFromArchives(this.#parts, BY)
    await storeArchives(this.#parts, expired, BY)
    await this.upload()
    const safe = (await archives(this.#parts.reader)).filter(
      ({ uploadedAt }) => this.#parts.objects === undefined || uploadedAt !== null,
    )
    return mergeRuns(safe.flatMap(({ ranges }) => ranges))
  }

  /** Uploads what could not be uploaded before. What still can't stays in the database. */
  async upload(): Promise<void> {
    try {
      await uploadArchives(this.#parts)
    } catch (err) {
      this.#parts.log.error(
        { err },
        'Archives could not be uploaded; what is in them stays in the database until they are',
      )
    }
  }

  /** Whether somebody was erased since the archives were last looked through. */
  async isBehind(): Promise<boolean> {
    const { reader } = this.#parts
    const through = await oldestErasedThrough(reader)
    return through !== undefined && (await latestErasure(reader)) >= through
  }

  /** Carries out in the archives what was erased since. */
  async erase(): Promise<void> {
    await eraseFromArchives(this.#parts, BY)
    await this.upload()
  }

  /** Removes archives that are old enough. */
  async removeOld(): Promise<void> {
    await removeOldArchives(this.#parts, BY)
  }
}
