import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckedSource, checkSource, type ImportSource } from '../../src/audit/import/checked-source.ts'
import { type ImportCounts, Importer } from '../../src/audit/import/importer.ts'
import type { SourceFormat } from '../../src/audit/import/source-records.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { TestWarden } from './chatwarden.ts'
import { type Entry, readEntry } from './trail.ts'
import { openWriter } from './writer.ts'

const BY = { actor: { account: 'SYSTEM', role: 'SYSTEM', operator: 'me' }, place: { source: 'cli' } } as const

/** Writes a file of that name. */
export function fileIn({ folder }: Pick<TestWarden, 'folder'>, name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const formatOf = (path: string): SourceFormat => (/\.(\w+?)(?:\.gz)?$/.exec(path)?.[1] ?? 'jsonl') as SourceFormat

/** Imports as the command does, through a writer as another process has it. */
export async function importInto(
  warden: TestWarden,
  path: string,
  more: Partial<ImportSource> & {
    readonly hashOf?: (text: string) => string
    readonly onProgress?: (done: number, total: number) => void
  } = {},
): Promise<ImportCounts & { readonly source: CheckedSource }> {
  const { hashOf = () => '', onProgress, ...given } = more
  const source = await checkSource({ path, format: formatOf(path), ...given })
  const { writer } = await openWriter(warden, systemClock)
  const counts = await new Importer({ writer, clock: systemClock, hashOf }).import(source, BY, onProgress)
  return { ...counts, source }
}

/** What was imported, in the order of the trail. */
export async function importedIn({ AuditLogRepository }: TestWarden): Promise<Entry[]> {
  const entries = await AuditLogRepository.query({ source: 'import', limit: 1000 })
  return entries.reverse().map(readEntry)
}
