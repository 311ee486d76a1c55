import { relative } from 'node:path'
import { beforeEach, type RunnerTestCase, vi } from 'vitest'
import { onPostgres } from './database.ts'
import { startsSomething } from './imports.ts'

/** What a busy machine does to a test that waits for processes, browsers or servers: it says nothing of what is tested. */
const OUT_OF_TIME = [
  /^(Test|Hook) timed out in \d+ms/,
  /^PostgreSQL did not start/,
  /^Failed to launch the browser process/,
  /^Timed out after (waiting )?\d+ ?ms/,
  /^listen EADDRINUSE/,
  /^spawn \S+ EAGAIN/,
]

interface Failure {
  readonly name?: string
  readonly message: string
}

/**
 * Whether a test that failed so may be tried once more. What was asserted is final, whatever else failed with it: it is
 * about loss, doubles, rights, privacy or order.
 */
export const mayBeTriedAgain = (failures: readonly Failure[]): boolean =>
  failures.length > 0 &&
  failures.every(
    ({ name, message }) => name !== 'AssertionError' && OUT_OF_TIME.some((pattern) => pattern.test(message)),
  )

/** Tests in memory get no second try: for them no machine is too busy. On PostgreSQL none is in memory. */
beforeEach(({ task }) => {
  // What a test that ran out of time did not put back is nothing that the next one of its process is to find.
  vi.useRealTimers()
  vi.unstubAllEnvs()
  const test = task as RunnerTestCase
  const file = relative(process.cwd(), test.file.filepath)
  test.retry = {
    count: 1,
    condition: () => mayBeTriedAgain(test.result?.errors ?? []) && (onPostgres || startsSomething(file)),
  }
})
