import { ChatwardenError, type ErrorCode } from '../kernel/errors.ts'
import { codeOf, databaseMessage, isBusy, isDamaged } from './database-error.ts'

/** What is in the way of opening a database, and what to do about it that loses nothing. */
export interface Obstacle {
  readonly code: ErrorCode
  readonly text: string
  /** `undefined` where its own words say it all. */
  readonly advice?: string
}

/** A driver that was compiled for another Node.js, or not at all. */
const isForeignModule = (error: unknown): boolean =>
  codeOf(error) === 'ERR_DLOPEN_FAILED' || /NODE_MODULE_VERSION|locate the bindings file/.test(databaseMessage(error))

const isNoDatabase = (error: unknown): boolean => codeOf(error) === 'SQLITE_NOTADB'
/** Whether there is no room left on the disk, this machine's or the server's. */
export const isFull = (error: unknown): boolean => /^(?:SQLITE_FULL|ENOSPC|EDQUOT|53100)$/.test(codeOf(error))

export const PUT_ASIDE =
  'Stop the bot and put the file aside, with -wal and -shm where they lie beside it: then nothing of it is lost. Bring back a backup: chatwarden restore DIR'

const OBSTACLES: readonly (Omit<Obstacle, 'text'> & { is(error: unknown): boolean; readonly text?: string })[] = [
  {
    is: isForeignModule,
    code: 'CANNOT_START',
    text: 'better-sqlite3 cannot be loaded by this Node.js',
    advice: 'The database is untouched. With the Node.js that runs the bot: npm rebuild better-sqlite3',
  },
  {
    is: isBusy,
    code: 'CANNOT_START',
    text: 'another program keeps it locked',
    advice: 'Let that program end its transaction. Which it is, says: fuser FILE',
  },
  { is: isFull, code: 'CANNOT_START', advice: 'Make room on the disk.' },
  // A file that never was one is found by a wrong name.
  {
    is: isNoDatabase,
    code: 'CONFIG_INVALID',
    advice: `Is it the right file? If it was one, it is damaged. ${PUT_ASIDE}`,
  },
  { is: isDamaged, code: 'DATABASE_DAMAGED', advice: PUT_ASIDE },
]

export function obstacleOf(error: unknown): Obstacle {
  const {
    code = 'CONFIG_INVALID',
    text = databaseMessage(error),
    ...rest
  } = OBSTACLES.find(({ is }) => is(error)) ?? {}
  return { code, text, ...rest }
}

/**
 * What kept a database from being opened, by its own code. `setting`: what names it, for whoever has to correct it;
 * `obstacleIn`: reads the obstacle, where it is not a file's.
 */
export function openingError(cause: unknown, setting: string, obstacleIn = obstacleOf): ChatwardenError {
  if (cause instanceof ChatwardenError) return cause
  const { code, text, advice } = obstacleIn(cause)
  const detail = `${setting}: ${text}${advice === undefined ? '' : `. ${advice}`}`
  // What keeps from starting is said line by line.
  return new ChatwardenError(code, code === 'CANNOT_START' ? `\n${detail}` : detail, { cause })
}
