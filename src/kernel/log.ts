import { type Logger, pino } from 'pino'
import { shownJson } from './plain-text.ts'

export type { Logger }

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Logs go to stderr, one JSON object a line: stdout belongs to the answers. */
export function createLogger(level: LogLevel): Logger {
  const stderr = pino.destination({ fd: 2, sync: true })
  return pino({ name: 'chatwarden', level, base: null }, { write: (line) => stderr.write(shownJson(line)) })
}
