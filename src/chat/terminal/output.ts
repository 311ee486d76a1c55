import type { Readable, Writable } from 'node:stream'
import { drawMarkup, withoutControls } from './draw.ts'

export const isTty = (stream: Readable | Writable): boolean => 'isTTY' in stream && stream.isTTY === true

/** Resolves when the text has gone out. Rejects when the output is closed. */
export function write(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** How a text is shown on an output: unchanged in a file or pipe, harmless on a terminal, drawn if it has colours. */
export function drawerFor(output: Writable, mayPaint = true): (text: string) => string {
  if (!isTty(output)) return (text) => text
  if (!mayPaint || !hasColours(output)) return withoutControls
  return (text) => drawMarkup(withoutControls(text))
}

// `hasColors` of a TTY knows NO_COLOR and what the terminal can do.
const hasColours = (output: Writable): boolean =>
  'hasColors' in output && typeof output.hasColors === 'function' && output.hasColors() === true
