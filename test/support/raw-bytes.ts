import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestWarden } from './chatwarden.ts'

/** Which files of a database hold one of these texts, byte for byte, whether as a row or as what is left of one. */
export function foundIn({ path, folder }: Pick<TestWarden, 'path' | 'folder'>, texts: readonly string[]): string[] {
  const beside = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== folder)
    .map(({ parentPath, name }) => join(parentPath, name))
  const files = [path, `${path}-wal`, `${path}-shm`, ...beside].filter((file) => existsSync(file))
  return files.flatMap((file) => {
    const bytes = readFileSync(file)
    return texts.filter((text) => bytes.includes(text)).map((text) => `${file.slice(folder.length)}: ${text}`)
  })
}
