/** A place for files that is not on this machine. Keys are paths with `/`, without one at the beginning. */
export interface ObjectStore {
  /**
   * Uploads a file and reads it back. An object of that key is replaced, and where it is there already with the same
   * content nothing is sent.
   * @returns SHA-256 of the content, in hex: what is there has it.
   * @throws {ChatwardenError} `OBJECT_STORE_UNAVAILABLE` if it is not there for certain; nothing half is left then.
   */
  put(key: string, path: string, options?: { readonly storageClass?: string | undefined }): Promise<string>
  /** SHA-256 of what is there, in hex, by reading it; `undefined` if there is nothing. */
  sha256(key: string): Promise<string | undefined>
  /** Writes what is there to a file, which appears when it is complete. */
  download(key: string, path: string): Promise<void>
  /** All keys that begin so, in order. */
  list(prefix: string): Promise<string[]>
  /** An address from which anybody who has it can fetch the object for so many seconds. */
  link(key: string, seconds: number): Promise<string>
  /** What is not there is removed already. */
  remove(key: string): Promise<void>
  close(): void
}
