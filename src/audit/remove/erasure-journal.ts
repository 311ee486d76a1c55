import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { syncDirectory } from '../../kernel/durable-file.ts'
import { valueIn } from '../../kernel/json.ts'
import { readIfThere } from '../../kernel/secret-file.ts'

/** Bytes: of so many erasures that no trail has more. */
const LARGEST = 256 * 1024 * 1024

const keyedHash = z.string().regex(/^[0-9a-f]{64}$/)

/** One erasure, by keyed hashes: only who has the key finds out whom it was about. */
const remembered = z.object({
  /** When the entry that says so was written. */
  erasedAt: z.union([z.iso.datetime(), z.int().positive()]).transform((moment) => new Date(moment)),
  subjectHash: keyedHash,
  accountHashes: z.array(keyedHash).default([]),
  /** The place of that entry in the trail. */
  seq: z.int().min(0).optional(),
  /** What the key makes of nothing, so that another key is not taken for one that knows nobody. */
  keyHash: keyedHash.optional(),
  /** The erasure of that line was not committed. */
  undone: z.literal(true).optional(),
})

export type RememberedErasure = z.output<typeof remembered>

/** Reads one line; `undefined` for what is none. */
export const parseRemembered = (line: string): RememberedErasure | undefined => remembered.safeParse(valueIn(line)).data

/**
 * Adds an erasure to the journal at `path`, on the disk when it resolves. @returns what takes it back.
 *
 * To be done before the commit: a crash in between leaves the line of an erasure that did not take place, which somebody
 * who may had confirmed; a line too few would bring an erased person back.
 */
export async function rememberErasure(path: string, erasure: RememberedErasure): Promise<() => Promise<void>> {
  await append(path, erasure)
  return () => append(path, { ...erasure, undone: true })
}

async function append(path: string, erasure: RememberedErasure): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    // Begins with a line end, too: half a line, of a process that was killed, must not take this one with it.
    await file.writeFile(`\n${JSON.stringify(erasure)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncDirectory(dirname(path))
}

/** What a journal holds, without what was taken back; nothing where there is none. Half lines are passed over. */
export function readJournal(path: string): RememberedErasure[] {
  const lines = (readIfThere(path, LARGEST) ?? '').split('\n').map(parseRemembered)
  return withoutUndone(lines.filter((line) => line !== undefined))
}

/** Each line that says of one before it that it was not committed takes that one with it. */
export function withoutUndone(lines: readonly RememberedErasure[]): RememberedErasure[] {
  const nameOf = ({ erasedAt, subjectHash, seq }: RememberedErasure) => `${erasedAt.getTime()} ${seq} ${subjectHash}`
  const left: RememberedErasure[] = []
  for (const line of lines) {
    if (!line.undone) left.push(line)
    else left.splice(left.findLastIndex((each) => nameOf(each) === nameOf(line)) >>> 0, 1)
  }
  return left
}
