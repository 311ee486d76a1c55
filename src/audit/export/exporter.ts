import { createHash } from 'node:crypto'
import { createWriteStream, renameSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { PassThrough, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterFailure } from '../../kernel/after-failure.ts'
import type { Clock } from '../../kernel/clock.ts'
import { syncDirectory, writeDurably } from '../../kernel/durable-file.ts'
import { mustBeReplaceable } from '../../kernel/must-be-replaceable.ts'
import { partialPath, removeAbandonedOf } from '../../kernel/partial-file.ts'
import type { Snapshot } from '../../storage/contract.ts'
import type { AuditFilter } from '../entry/audit-filter.ts'
import { canonicalJson } from '../entry/canonical.ts'
import type { Times } from '../read/seq-range.repository.ts'
import type { SigningKey } from '../write/signing-key.ts'
import { ExportEntries } from './export-entries.repository.ts'
import type { ExportEntry } from './export-entry.ts'
import { type ExportShape, formatOf } from './formats.ts'
import { type ManifestFields, signManifest } from './manifest.ts'
import { pieces } from './pieces.ts'
import { manifestOf, sidecarOf, sidecarText } from './sidecar.ts'

export interface ExportRequest extends ExportShape {
  /** Where the file is to be; its manifest and sidecar appear beside it. */
  readonly path: string
  readonly filter: AuditFilter
  readonly times?: Times
  readonly gzip?: boolean | undefined
  /** Who asked for it, as the manifest names them. */
  readonly by: string
  /** In which the asker's days begin (IANA name). */
  readonly timeZone: string
}

export interface Exported {
  readonly path: string
  readonly mimeType: string
  readonly count: number
  readonly bytes: number
  /** Of the file, in hex. */
  readonly sha256: string
}

/** A file that is on the disk with all that belongs to it, and has not its name yet. */
export interface Prepared {
  readonly exported: Exported
  /** Where it is until then. */
  readonly partial: string
  /** Gives it its name; what was there before is replaced. */
  publish(): Promise<void>
  /** Removes what was not published. */
  discard(): Promise<void>
}

/** How much was looked through, of how much. */
export type OnExportProgress = (done: number, total: number) => void

/** What of an export is not the same in each: whose entries go into it, in which state of the trail. */
export interface Content {
  readonly pages: AsyncIterable<readonly ExportEntry[]>
  readonly checkpoint: string
  readonly fields?: Partial<ManifestFields>
}

/** Writes entries as files that can be checked without us. */
export class Exporter {
  readonly #openSnapshot: () => Promise<Snapshot>
  readonly #key: SigningKey
  readonly #clock: Clock

  constructor(openSnapshot: () => Promise<Snapshot>, key: SigningKey, clock: Clock) {
    this.#openSnapshot = openSnapshot
    this.#key = key
    this.#clock = clock
  }

  /**
   * Writes all entries that match to a file, with a signed manifest and a SHA-256 sidecar. The file appears under its
   * name last, when everything is on the disk and `record` has written the entry of it; what was there before is replaced.
   * `handOver`: what becomes of it in place of that.
   */
  async write(
    request: ExportRequest,
    onProgress: OnExportProgress = () => {},
    record: (exported: Exported) => Promise<unknown> = async () => {},
    handOver: (prepared: Prepared) => Promise<void> = ({ publish }) => publish(),
  ): Promise<Exported> {
    const { path, filter, times } = request
    for (const file of [path, manifestOf(path), sidecarOf(path)]) mustBeReplaceable(file)
    const { order } = formatOf(request.format, request)
    const snapshot = await this.#openSnapshot()
    try {
      const entries = new ExportEntries(snapshot)
      const span = await entries.span(filter, times)
      const pages = watched(entries.pages(filter, order, times), span, onProgress)
      const prepared = await this.prepare(request, { pages, checkpoint: await entries.checkpoint() })
      try {
        await record(prepared.exported)
        await handOver(prepared)
        return prepared.exported
      } finally {
        await prepared.discard()
      }
    } finally {
      await snapshot.close()
    }
  }

  /** Writes entries that come from elsewhere, in the order of the format, to a file that gets its name later. */
  async prepare(request: ExportRequest, content: Content): Promise<Prepared> {
    const { path, gzip = false } = request
    const { mimeType } = formatOf(request.format, request)
    const partial = partialPath(path)
    const files = [manifestOf(partial), sidecarOf(partial), partial]
    const discard = async () => {
      for (const file of files) await rm(file, { force: true })
    }
    // The two beside it would be there without it.
    mustBeReplaceable(path)
    await removeAbandonedOf(path)
    try {
      const written = await this.#writeFile(partial, request, content)
      await writeDurably(manifestOf(partial), this.#manifest(request, content, written))
      await writeDurably(sidecarOf(partial), sidecarText(written.sha256, path))
      const { count, bytes, sha256 } = written
      const exported = { path, mimeType: gzip ? 'application/gzip' : mimeType, count, bytes, sha256 }
      return { exported, partial, publish: () => publish(files, path), discard }
    } catch (error) {
      return afterFailure(error, discard)
    }
  }

  async #writeFile(path: string, request: ExportRequest, { pages }: Content) {
    const seqs = { first: Number.POSITIVE_INFINITY, last: -1 }
    const hash = createHash('sha256')
    const counted = { count: 0 }
    const hashing = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    await pipeline(
      pieces(noting(pages, seqs), formatOf(request.format, request), counted),
      request.gzip ? createGzip() : new PassThrough(),
      hashing,
      createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true }),
    )
    return { ...counted, ...seqs, bytes: (await stat(path)).size, sha256: hash.digest('hex') }
  }

  #manifest(
    request: ExportRequest,
    { checkpoint, fields }: Content,
    written: { count: number; first: number; last: number; bytes: number; sha256: string },
  ): string {
    const { path, format, profile, gzip, filter, timeZone, by } = request
    const { count, first, last, bytes, sha256 } = written
    const ends = count === 0 ? {} : { 'first-seq': first, 'last-seq': last }
    return signManifest(
      {
        file: basename(path),
        sha256,
        bytes,
        format,
        profile,
        compression: gzip ? 'gzip' : 'none',
        order: formatOf(format, request).order,
        entries: count,
        ...ends,
        filters: canonicalJson(filter),
        'time-zone': timeZone,
        'exported-by': by,
        'exported-at': new Date(this.#clock.now()).toISOString(),
        ...fields,
      },
      checkpoint,
      this.#key.refresh(),
    )
  }
}

async function publish(files: readonly string[], path: string): Promise<void> {
  // At once and the file last: who finds it finds the other two, and those of the same export.
  for (const [index, final] of [manifestOf(path), sidecarOf(path), path].entries())
    renameSync(files[index] ?? '', final)
  await syncDirectory(dirname(path))
}

async function* noting(pages: AsyncIterable<readonly ExportEntry[]>, seqs: { first: number; last: number }) {
  for await (const page of pages) {
    const ends = [page[0]?.seq ?? seqs.first, page.at(-1)?.seq ?? seqs.first]
    seqs.first = Math.min(seqs.first, ...ends)
    seqs.last = Math.max(seqs.last, ...ends)
    yield page
  }
}

async function* watched(pages: AsyncIterable<readonly ExportEntry[]>, span: number, onProgress: OnExportProgress) {
  let start: number | undefined
  for await (const page of pages) {
    yield page
    start ??= page[0]?.seq
    onProgress(Math.min(span, Math.abs((page.at(-1)?.seq ?? 0) - (start ?? 0)) + 1), span)
  }
  onProgress(span, span)
}
