import { Problem } from '../../kernel/problem.ts'

/** A file that is not what it should be. */
export class FileError extends Problem {
  override readonly name = 'FileError'
}
