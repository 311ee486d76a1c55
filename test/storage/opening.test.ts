import { expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { testDatabase } from '../support/database.ts'

const BROKEN = new Error('the clock has stopped')

/** A clock that can be asked so often. */
function clockFor(times: number) {
  let left = times
  return {
    now: () => {
      if (left-- > 0) return Date.now()
      throw BROKEN
    },
    mend: () => {
      left = Number.POSITIVE_INFINITY
    },
  }
}

test('what fails at any moment of a start is what is said of it, and nothing that follows from it', async () => {
  const folder = temporaryFolder()
  const failed: unknown[] = []
  for (let times = 0; ; times++) {
    const clock = clockFor(times)
    try {
      await openTestWarden({ clock }, folder)
      clock.mend()
      break
    } catch (error) {
      failed.push(error)
    }
  }
  expect(failed.length).toBeGreaterThan(3)
  expect(failed).toEqual(failed.map(() => BROKEN))
})

test('a database is closed twice as it is once', async () => {
  const database = await openDatabase(testDatabase(temporaryFolder()).url)
  await Promise.all([database.close(), database.close()])
  await database.close()
})
