import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HOUR } from '../../kernel/clock.ts'
import { missing, writeWhole } from '../../kernel/durable-file.ts'
import { identityOf } from '../../kernel/file-identity.ts'
import { isTooLarge, readSmall } from '../../kernel/small-text.ts'
import type { Draft } from '../entry/draft.ts'
import { ERASED, fromLine } from './spool-line.ts'

/** `<uuidv7>.<events>.jsonl`: in order of their names files are in order of time. */
export const FILE = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f-]{21}\.(\d+)\.jsonl$/

/** Bytes: no file that was written here is larger, as what waits is put into the next one. */
export const LARGEST = 8 * 1024 * 1024

/** Removes the events for which `matches` holds, and all damaged files. @returns what puts the events back. */
export async function eraseFrom(directory: string, matches: (draft: Draft) => boolean): Promise<() => Promise<void>> {
  const before = new Map<string, string>()
  const undo = async () => {
    for (const [path, text] of before) await writeWhole(path, text)
  }
  const names = await namesIn(directory)
  try {
    for (const name of names.filter((name) => FILE.test(name))) await rewrite(join(directory, name), matches, before)
  } catch (error) {
    await undo()
    throw error
  }
  for (const name of names.filter((name) => name.endsWith('.damaged'))) await rm(join(directory, name), { force: true })
  return undo
}

async function rewrite(path: string, matches: (draft: Draft) => boolean, before: Map<string, string>): Promise<void> {
  const text = await readSmall(path, LARGEST).catch((error) => {
    if (!isTooLarge(error)) return missing('')(error)
    // Nothing of it is ever read: it goes with the damaged ones.
    return undefined
  })
  if (text === undefined) return rm(path, { force: true })
  const lines = text.split('\n').map((line) => {
    const draft = fromLine(line)
    return draft && matches(draft) ? ERASED : line
  })
  const rewritten = lines.join('\n')
  if (rewritten === text) return
  before.set(path, text)
  await writeWhole(path, rewritten)
}

/** Removes what dead processes left half-written. */
export async function removeStale(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    if (!name.endsWith('.tmp')) continue
    // Its process may give it its name meanwhile.
    const found = await stat(path).catch(missing(undefined))
    if (found !== undefined && found.mtimeMs < Date.now() - HOUR) await rm(path, { force: true })
  }
}

const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch(missing<string[]>([]))

/** By which a directory is told from one that takes its place; `undefined` where there is none. */
export async function folderAt(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && identityOf(found)
}
