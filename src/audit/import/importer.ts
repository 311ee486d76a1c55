import { basename } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { type Actor, auditEvent, type Place } from '../entry/entry.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { AuditTransaction } from '../write/change.ts'
import { erasuresAfter } from '../write/erased-subjects.repository.ts'
import { ErasedSubjects } from '../write/erased-subjects.ts'
import { writtenBefore } from '../write/replayed.repository.ts'
import { type CheckedSource, type Read, readRecord } from './checked-source.ts'
import { importedKeys, rememberImported } from './import.repository.ts'
import { sourceRecords } from './source-records.ts'

/** How many entries one commit takes. */
const BATCH = 500
export interface ImportCounts {
  readonly imported: number
  /** Entries that were imported before, or are of this trail. */
  readonly known: number
  /** Entries of before somebody's erasure, by or about them. */
  readonly erased: number
}

export interface ImporterParts {
  readonly writer: AuditWriter
  readonly clock: Clock
  /** What stands for a person in the entries of erasures; asked for only where there are such. */
  hashOf(text: string): string
}

/** Takes the entries of other logs into this trail, each once. */
export class Importer {
  readonly #parts: ImporterParts
  readonly #erased: ErasedSubjects
  #erasuresThrough = -1

  constructor(parts: ImporterParts) {
    this.#parts = parts
    this.#erased = new ErasedSubjects((text) => parts.hashOf(text))
  }

  /**
   * Imports what can be read, in commits of their own, and says so with an entry. What an import that was interrupted
   * left out, the next one brings.
   */
  async import(
    source: CheckedSource,
    by: { readonly actor: Actor; readonly place: Place },
    onProgress: (done: number, total: number) => void = () => {},
  ): Promise<ImportCounts> {
    const { from, sha256, count, badCount } = source
    const sum = { imported: 0, known: 0, erased: 0 }
    let done = 0
    for await (const batch of this.#batches(source)) {
      const counts = await this.#parts.writer.transaction((tx) => this.#write(tx, batch))
      for (const name of ['imported', 'known', 'erased'] as const) sum[name] += counts[name]
      done += batch.length
      onProgress(done, count)
    }
    const skippedCount = sum.known + sum.erased + badCount
    const metadata = { file: basename(source.path), from, sha256, importedCount: sum.imported, skippedCount }
    await this.#parts.writer.append(auditEvent('AUDIT_IMPORTED', by.actor, by.place, metadata))
    return sum
  }

  async *#batches({ path, format, from }: CheckedSource): AsyncGenerator<Read[]> {
    let batch: Read[] = []
    for await (const record of sourceRecords(path, format)) {
      const read = readRecord(record, from, this.#parts.clock.now())
      if (typeof read === 'object' && batch.push(read) === BATCH) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  }

  async #write(tx: AuditTransaction, batch: readonly Read[]): Promise<ImportCounts> {
    const missing = await withoutKnown(tx, batch)
    for (const erasure of await erasuresAfter(tx.db, this.#erasuresThrough)) {
      this.#erased.add(erasure, erasure.erasedAt.getTime())
      this.#erasuresThrough = erasure.seq
    }
    const wanted = missing.filter(({ draft, time }) => !this.#erased.isErased(draft, time.getTime()))
    if (wanted.length > 0) {
      const keys = wanted.map(({ key }) => key)
      await rememberImported(tx.db, keys, new Date(this.#parts.clock.now()))
      await tx.appendMissing(wanted.map(({ draft }) => draft))
    }
    return {
      imported: wanted.length,
      known: batch.length - missing.length,
      erased: missing.length - wanted.length,
    }
  }
}

/** Those that were not imported before, each once, without entries of this very trail. */
async function withoutKnown({ db }: AuditTransaction, batch: readonly Read[]): Promise<Read[]> {
  const known = await importedKeys(
    db,
    batch.map(({ key }) => key),
  )
  const ids = await writtenBefore(
    db,
    batch.flatMap(({ id }) => id ?? []),
  )
  return batch.filter(({ key, id }) => {
    if (known.has(key) || (id !== undefined && ids.has(id))) return false
    known.add(key)
    return true
  })
}
