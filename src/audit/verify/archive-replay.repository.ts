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

type Row = readonly [
  name: string,
  sha256: string,
  firstSeq: number,
  lastSeq: number,
  entries: number,
  ranges: string,
  newestAt: number,
  createdAt: number,
  erasedThrough: number,
  lookedThrough: number,
  uploadedAt: number | null,
  removingAt: number | null,
]

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
    }
  }

  #look(names: unknown, looked: Partial<Expected>): void {
    for (const name of Array.isArray(names) ? names : []) {
      const before = this.#expected.get(name)
      if (before !== undefined) this.#expected.set(name, { ...before, ...looked })
    }
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<Row>(
      `SELECT name, sha256, first_seq, last_seq, entries, ranges, newest_at, created_at, erased_through, looked_through,
         uploaded_at, removing_at FROM audit_archives`,
    )
    const names = new Set(rows.map(([name]) => name))
    const missing = [...this.#expected.keys()].filter((name) => !names.has(name))
    const wrong = rows.flatMap((row) => {
      const problem = this.#problemOf(row)
      return problem === undefined ? [] : [`archive ${row[0]}${problem}`]
    })
    return [...wrong, ...missing.map((name) => `archive ${name}: not there any more`)]
  }

  /** What its row says otherwise than the entries. */
  #problemOf(row: Row): string | undefined {
    const [name, sha256, firstSeq, lastSeq, entries, ranges, newestAt, createdAt] = row
    const [erasedThrough, lookedThrough, uploadedAt, removingAt] = row.slice(8) as [
      number,
      number,
      ...(number | null)[],
    ]
    const expected = this.#expected.get(name)
    // What is being removed is none any more by the entries, and its files go.
    if (removingAt != null) return expected === undefined ? undefined : ': said to be removed'
    const moments = { newestAt: new Date(newestAt), createdAt: new Date(createdAt) }
    const digest = digestOfArchive({ firstSeq, lastSeq, entries, ranges, ...moments })
    if (expected === undefined || expected.sha256 !== sha256 || expected.row !== digest) return ''
    if (expected.erasedThrough !== erasedThrough || expected.lookedThrough !== lookedThrough)
      return ': how far erasures were carried out in it'
    const { uploaded } = expected
    // Of one that is said not to be there, the next run makes sure.
    const isThere = uploadedAt == null || (uploaded?.sha256 === sha256 && uploaded.at === uploadedAt)
    return isThere ? undefined : `: uploaded at ${isoTime(uploadedAt)}`
  }
}
