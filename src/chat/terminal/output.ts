import type { Readable, Writable } from 'node:stream'
import { shownLines } from '../../kernel/plain-text.ts'
import { drawMarkup } from './draw.ts'

export const isTty = (stream: Readable | Writable): boolean => 'isTTY' in stream && stream.isTTY === true

/** Resolves when the text has gone out. Rejects when the output is closed. */
export function write(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** How a text is shown on an output: harmless, also in a file or pipe, which somebody reads on a terminal later; drawn if it has colours. */
export function drawerFor(output: Writable, mayPaint = true): (text: string) => string {
  if (!isTty(output) || !mayPaint || !hasColours(output)) return shownLines
  return (text) => drawMarkup(shownLines(text))
}

// `hasColors` of a TTY knows NO_COLOR and what the terminal can do.
const hasColours = (output: Writable): boolean =>
  'hasColors' in output && typeof output.hasColors === 'function' && output.hasColors() === true
