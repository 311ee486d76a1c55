import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readSmall } from '../../kernel/small-text.ts'

export const HISTORY_SIZE = 500

export interface History {
  /** The lines typed before, the newest first, as `node:readline` has them. */
  readonly lines: string[]
  /** Keeps the lines for next time. */
  save(lines: readonly string[]): void
  /** Resolves when everything is kept that can be. */
  saved(): Promise<void>
}

/** The lines typed in earlier sessions. It is a comfort: a file that can't be read or written changes nothing else. */
export async function openHistory(file: string | undefined): Promise<History> {
  let saving = Promise.resolve()
  return {
    lines: file === undefined ? [] : await load(file),
    save(lines) {
      const kept = lines.slice(0, HISTORY_SIZE).reverse()
      if (file !== undefined) saving = saving.then(() => store(file, kept)).catch(() => {})
    },
    saved: () => saving,
  }
}

async function load(file: string): Promise<string[]> {
  const text = await readSmall(file).catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-HISTORY_SIZE)
    .reverse()
}

/** By way of a new file, so that the lines, which hold phone numbers, were never readable by others. */
async function store(file: string, lines: readonly string[]): Promise<void> {
  const fresh = `${file}.${process.pid}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(fresh, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  await rename(fresh, file)
}
