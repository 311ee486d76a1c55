import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** No line that was written here is longer: an entry has 65,535 bytes at most, and its metadata stands twice in a line. */
const MAX_LINE = 1024 * 1024

/** A file that is not what it should be. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

/**
 * The lines of a file with their line ends, decompressed where that is said, or else its name says so (`.gz`).
 * @throws {FileError} for what is no gzip although it should be, no UTF-8, or has a line that nobody wrote.
 */
export async function* readLines(
  path: string,
  { isGzip = path.endsWith('.gz'), maxLine = MAX_LINE }: { readonly isGzip?: boolean; readonly maxLine?: number } = {},
): AsyncGenerator<string> {
  // What goes wrong is thrown where it is read, so nobody has to be called.
  const bytes = isGzip ? pipeline(readJoined(path), createGunzip(), () => {}) : readJoined(path)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield `${line}\n`
      if (rest.length > maxLine) throw new FileError('It has a line that is longer than any entry.')
    }
    rest += decoder.decode()
  } catch (error) {
    if (error instanceof FileError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    throw new FileError(`It cannot be read: ${(error as Error).message}.`)
  }
  if (rest !== '') yield rest
}

/** The content of a file, or of its numbered parts (`.001`, `.002`, …) where only they are there. */
export async function* readJoined(path: string): AsyncGenerator<Buffer> {
  for (const file of filesOf(path)) yield* createReadStream(file, { highWaterMark: 256 * 1024 })
}

function filesOf(path: string): string[] {
  const part = (n: number) => `${path}.${String(n).padStart(3, '0')}`
  if (existsSync(path) || !existsSync(part(1))) return [path]
  const parts: string[] = []
  for (let n = 1; existsSync(part(n)); n++) parts.push(part(n))
  return parts
}
