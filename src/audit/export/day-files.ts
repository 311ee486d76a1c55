import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { missing } from '../../kernel/durable-file.ts'
import { removeAbandoned } from '../../kernel/partial-file.ts'
import { readIfThere } from '../../kernel/secret-file.ts'
import { type DayName, isDayName } from './export-days.ts'
import type { ExportFormat } from './formats.ts'
import { manifestOf, sidecarOf } from './sidecar.ts'

/** How each day is exported. */
export const DAILY: readonly { readonly extension: string; readonly format: ExportFormat; readonly gzip: boolean }[] = [
  { extension: 'csv', format: 'csv', gzip: false },
  { extension: 'json.gz', format: 'json', gzip: true },
]

export const folderOf = (directory: string, day: DayName): string => join(directory, day)

export const nameOf = (day: DayName, extension: string): string => `audit-logs-${day}.${extension}`

/** The names of all files of a day. */
export const namesOf = (day: DayName): string[] =>
  DAILY.map(({ extension }) => nameOf(day, extension)).flatMap((name) => [name, sidecarOf(name), manifestOf(name)])

/** How many entries the files of a day have that are there, by their manifests; 0 where there are none. */
export function entriesInFiles(directory: string, day: DayName): number {
  const counts = DAILY.map(({ extension }) => {
    const manifest = readIfThere(join(folderOf(directory, day), manifestOf(nameOf(day, extension)))) ?? ''
    return Number(/^entries: ([0-9]+)$/m.exec(manifest)?.[1] ?? 0)
  })
  return Math.max(...counts)
}

/** Which files of a day are there. */
export async function presentNames(directory: string, day: DayName): Promise<string[]> {
  const there = new Set(await readdir(folderOf(directory, day)).catch(missing<string[]>([])))
  return namesOf(day).filter((name) => there.has(name))
}

/** The days before `before` that have a folder, in their order. None where nothing can be exported to either. */
export async function daysWithFolder(directory: string, before: DayName): Promise<DayName[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES') return []
    throw error
  })
  const days = entries.filter((entry) => entry.isDirectory() && isDayName(entry.name)).map(({ name }) => name)
  return days.filter((day) => day < before).sort()
}

/** Removes the files of a day, and its folder if it is empty then: what else lies there is somebody else's. */
export async function removeDay(directory: string, day: DayName): Promise<void> {
  const folder = folderOf(directory, day)
  for (const name of namesOf(day)) {
    await removeAbandoned(folder, name)
    await rm(join(folder, name), { force: true })
  }
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error
  })
}
