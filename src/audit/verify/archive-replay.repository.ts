import { isoTime } from '../../kernel/clock.ts'
import { sha256OfText } from '../../kernel/sha256.ts'
import type { Snapshot } from '../../storage/contract.ts'
import type { Replay, ReplayedEntry } from './replay.ts'

/** What its row says of an archive as long as its file stays the same. */
interface Described {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly entries: number
  /** JSON, as it is kept. */
  readonly ranges: string
  readonly newestAt: Date
  readonly createdAt: Date
}

/** What stands for that in the entry of the archive: SHA-256 in hex. */
export function digestOfArchive({ firstSeq, lastSeq, entries, ranges, newestAt, createdAt }: Described): string {
  return sha256OfText(JSON.stringify([firstSeq, lastSeq, entries, ranges, newestAt.getTime(), createdAt.getTime()]))
}

interface Expected {
  readonly sha256: unknown
  readonly row: unknown
  readonly erasedThrough: number
  readonly lookedThrough: number
  /** The file of which the entry said that it was uploaded, and when. */
  uploaded?: { readonly sha256: unknown; readonly at: number }
}

interface Row extends Omit<Described, 'newestAt' | 'createdAt'> {
  readonly name: string
  readonly sha256: string
  /** Times in milliseconds. */
  readonly newestAt: number
  readonly createdAt: number
  readonly erasedThrough: number
  readonly lookedThrough: number
  readonly uploadedAt: number | null
  readonly removingAt: number | null
}

/** What archives there are, what is in each, how far erasures were carried out in it, and which are in the object store. */
export class ArchiveReplay implements Replay {
  readonly actions = [
    'AUDIT_ARCHIVED',
    'AUDIT_ARCHIVE_REWRITTEN',
    'AUDIT_ARCHIVES_SEARCHED',
    'AUDIT_ARCHIVE_UPLOADED',
    'AUDIT_ARCHIVE_REMOVED',
  ] as const
  readonly #expected = new Map<string, Expected>()
  /** When it was said of an archive that it is removed, in milliseconds. */
  readonly #removed = new Map<string, number>()

  take({ action, createdAt, resourceId, metadata }: ReplayedEntry): void {
    const name = String(resourceId)
    const { sha256, row, archives, keeping, through } = metadata
    const [erasedThrough, lookedThrough] = [Number(metadata.erasedThrough), Number(metadata.lookedThrough)]
    const before = this.#expected.get(name)
    switch (action) {
      case 'AUDIT_ARCHIVED':
        this.#expected.set(name, { sha256, row, erasedThrough, lookedThrough: erasedThrough })
        return
      case 'AUDIT_ARCHIVE_REWRITTEN':
        this.#expected.set(name, { sha256, row, erasedThrough, lookedThrough })
        return
      case 'AUDIT_ARCHIVES_SEARCHED':
        this.#look(archives, { erasedThrough: Number(through), lookedThrough: Number(through) })
        this.#look(keeping, { lookedThrough: Number(through) })
        return
      case 'AUDIT_ARCHIVE_UPLOADED':
        if (before !== undefined) before.uploaded = { sha256, at: createdAt.getTime() }
        return
      default:
        this.#expected.delete(name)
        this.#removed.set(name, createdAt.getTime())
    }
  }

  #look(names: unknown, looked: Partial<Expected>): void {
    for (const name of Array.isArray(names) ? names : []) {
      const before = this.#expected.get(name)
      if (before !== undefined) this.#expected.set(name, { ...before, ...looked })
    }
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.rows<Row>(
      `SELECT name, sha256, first_seq AS "firstSeq", last_seq AS "lastSeq", entries, ranges, newest_at AS "newestAt",
         created_at AS "createdAt", erased_through AS "erasedThrough", looked_through AS "lookedThrough",
         uploaded_at AS "uploadedAt", removing_at AS "removingAt" FROM audit_archives`,
    )
    const names = new Set(rows.map(({ name }) => name))
    const missing = [...this.#expected.keys()].filter((name) => !names.has(name))
    const wrong = rows.flatMap((row) => {
      const problem = this.#problemOf(row)
      return problem === undefined ? [] : [`archive ${row.name}: ${problem}`]
    })
    return [...wrong, ...missing.map((name) => `archive ${name}: not there any more`)]
  }

  /** What its row says otherwise than the entries. */
  #problemOf(row: Row): string | undefined {
    const { name, sha256, erasedThrough, lookedThrough, uploadedAt, removingAt } = row
    if (removingAt !== null)
      return this.#removed.get(name) === removingAt ? undefined : 'no entry says that it is removed'
    const expected = this.#expected.get(name)
    if (expected === undefined) return 'no entry says that it is there'
    if (expected.sha256 !== sha256) return 'another file than its entry says'
    const digest = digestOfArchive({ ...row, newestAt: new Date(row.newestAt), createdAt: new Date(row.createdAt) })
    if (expected.row !== digest) return 'what is in it, and since when'
    if (expected.erasedThrough !== erasedThrough || expected.lookedThrough !== lookedThrough)
      return 'how far erasures were carried out in it'
    const { uploaded } = expected
    // Of one that is said not to be there, the next run makes sure.
    const isThere = uploadedAt === null || (uploaded?.sha256 === sha256 && uploaded.at === uploadedAt)
    return isThere ? undefined : `uploaded at ${isoTime(uploadedAt)}`
  }
}
