import { expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import { archivesIn, DAYS, findings, log, openArchiving, seqs } from '../../support/archiving.ts'

/** So many at least that without a clean-up there would be more entries than are allowed at the end. */
const RUNS = process.env.SOAK_ROUNDS === undefined ? 365 : 150

test(`${RUNS} daily clean-ups leave one entry for each archive and what is not old enough`, async () => {
  const { warden, clock, directory, cleanUp, ...opened } = await openArchiving()
  for (let day = 0; day < RUNS; day++) {
    await log(warden, 2)
    clock.advance(DAY)
    await cleanUp()
  }
  const began = performance.now()
  await cleanUp()
  const ms = performance.now() - began
  console.log(
    `${seqs(warden).length} entries, ${archivesIn(directory).length} archives, a clean-up takes ${ms.toFixed()} ms`,
  )
  expect(seqs(warden).length).toBeLessThan(archivesIn(directory).length + DAYS * 8 + 20)
  expect(await findings({ warden, clock, ...opened })).toEqual([])
})
