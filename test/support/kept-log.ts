import { Writable } from 'node:stream'
import { pino } from 'pino'

/** A log whose lines are kept. */
export function keptLog() {
  const lines: string[] = []
  const output = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) })
  return { lines, log: pino(output) }
}
