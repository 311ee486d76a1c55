/** What keeps a backup from being made or restored, in words for whoever asked for it. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/** Whether it is the disk, the file system, the database or a program of it that could not: their own words say enough. */
export const isOutsideError = (error: unknown): error is Error =>
  error instanceof Error && (['SqliteError', 'ProgramError'].includes(error.name) || 'syscall' in error)
