import { type Logger, pino } from 'pino'

export type { Logger }

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Logs go to stderr, one JSON object a line: stdout belongs to the answers. */
export function createLogger(level: LogLevel): Logger {
  return pino({ name: 'chatwarden', level, base: null }, pino.destination({ fd: 2, sync: true }))
}
