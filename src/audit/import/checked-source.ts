import { hash } from 'node:crypto'
import { plainLine } from '../../kernel/plain-text.ts'
import { sha256Of } from '../../kernel/sha256.ts'
import type { Draft } from '../entry/draft.ts'
import { FileError } from '../export/file-error.ts'
import { readJoined } from '../export/read-lines.ts'
import { importedDraft } from './imported-draft.ts'
import { BadLine, sourceEntry } from './source-entry.ts'
import { nameOfSource } from './source-name.ts'
import type { SourceRecord } from './source-record.ts'
import { type SourceFormat, sourceRecords } from './source-records.ts'

/** Of more bad lines only the number is kept. */
const MOST_TOLD = 20

export interface ImportSource {
  readonly path: string
  readonly format: SourceFormat
  /** Where the entries come from; `undefined`: as the file itself says. */
  readonly from?: string | undefined
}

/** A file that was read from end to end. */
export interface CheckedSource {
  readonly path: string
  readonly format: SourceFormat
  readonly from: string
  /** Of the file, in hex. */
  readonly sha256: string
  readonly count: number
  readonly badCount: number
  /** The first of them: where, and what is wrong. */
  readonly bad: readonly string[]
}

/** Reads all of a file and changes nothing. @throws {FileError} for what cannot be read at all. */
export async function checkSource({ path, format, from }: ImportSource): Promise<CheckedSource> {
  const { sha256, bytes } = await sha256Of(readJoined(path))
  if (bytes === 0) throw new FileError('It is empty.')
  const name = plainLine(from ?? (await nameOfSource(path, sha256)), 200)
  const bad: string[] = []
  let [count, badCount] = [0, 0]
  for await (const record of sourceRecords(path, format)) {
    const read = readRecord(record, name, 0)
    if (typeof read === 'object') count++
    else if (++badCount <= MOST_TOLD) bad.push(`${record.place}: ${read}`)
  }
  return { path, format, from: name, sha256, count, badCount, bad }
}

/** What becomes of a record. */
export interface Read {
  readonly draft: Draft
  readonly id: string | undefined
  readonly time: Date
  /** By which it is known that it was imported. */
  readonly key: string
}

/** What becomes of a record; why nothing does, where it is no entry. */
export function readRecord({ value, problem }: SourceRecord, from: string, now: number): Read | string {
  if (problem !== undefined) return problem
  try {
    const entry = sourceEntry(value)
    const key = hash('sha256', `${from}\n${entry.identity}`, 'hex')
    return { draft: importedDraft(entry, from, now), id: entry.id, time: entry.time, key }
  } catch (error) {
    if (!(error instanceof BadLine)) throw error
    return error.message
  }
}
