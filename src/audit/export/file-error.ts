/** A file that is not what it should be. */
export class FileError extends Error {
  override readonly name = 'FileError'
}
