import { open } from 'node:fs/promises'
import { FileError } from '../audit/export/file-error.ts'
import { readLines } from '../audit/export/read-lines.ts'
import { parseRemembered, type RememberedErasure, withoutUndone } from '../audit/remove/erasure-journal.ts'
import { objectIn } from '../kernel/json.ts'
import { mustBeFile } from '../kernel/must-be-file.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { BackupError } from './backup-error.ts'

const SQLITE = 'SQLite format 3\0'

/**
 * The erasures in a file: the journal of another trail's directory, an export with a line for each entry (JSON or JSONL),
 * or a database. @throws {BackupError} for a line that is neither: whom it is about must not be passed over.
 */
export async function erasuresIn(path: string): Promise<RememberedErasure[]> {
  return (await isDatabase(path)) ? erasuresInDatabase(path) : withoutUndone(await erasuresInLines(path))
}

async function isDatabase(path: string): Promise<boolean> {
  mustBeFile(path)
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(SQLITE.length), 0, SQLITE.length, 0)
    return buffer.toString('latin1') === SQLITE
  } finally {
    await file.close()
  }
}

const erasuresInDatabase = (path: string): Promise<RememberedErasure[]> =>
  withSnapshot(`file:${path}`, async (snapshot) => {
    const rows = await snapshot.read<[seq: number, createdAt: number, metadata: string]>(
      "SELECT seq, created_at, metadata FROM audit_logs WHERE action = 'AUDIT_ERASURE'",
    )
    return rows.map(([seq, createdAt, metadata]) => {
      const erasure = fromEntry({ seq, createdAt, metadata })
      if (erasure === undefined) throw new BackupError(`${path}: the erasure of entry ${seq} can't be read.`)
      return erasure
    })
  })

async function erasuresInLines(path: string): Promise<RememberedErasure[]> {
  const erasures: RememberedErasure[] = []
  let number = 0
  try {
    for await (const line of readLines(path)) {
      number++
      const text = line.trim().replace(/,$/, '')
      if (text === '' || text === '[' || text === ']' || text === '[]') continue
      const found = fromLine(text)
      if (found === undefined) throw new BackupError(`${path}, line ${number}: neither an entry nor an erasure.`)
      if (found !== 'other') erasures.push(found)
    }
  } catch (error) {
    if (error instanceof FileError) throw new BackupError(`${path}: ${error.message}`)
    throw error
  }
  return erasures
}

function fromLine(text: string): RememberedErasure | 'other' | undefined {
  const erasure = parseRemembered(text)
  if (erasure !== undefined) return erasure
  const entry = objectIn(text)
  if (typeof entry?.action !== 'string') return undefined
  return entry.action === 'AUDIT_ERASURE' ? fromEntry(entry) : 'other'
}

function fromEntry({ seq, createdAt, metadata }: Readonly<Record<string, unknown>>): RememberedErasure | undefined {
  const named = typeof metadata === 'string' ? objectIn(metadata) : metadata
  return parseRemembered(JSON.stringify({ ...(named as object | undefined), erasedAt: createdAt, seq }))
}
