import { expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import { archivesIn, DAYS, findings, log, openArchiving, seqs } from '../../support/archiving.ts'

test('a year of daily clean-ups leaves one entry for each archive and what is not old enough', async () => {
  const { warden, clock, directory, cleanUp, ...opened } = await openArchiving()
  const days = process.env.SOAK_ROUNDS === undefined ? 365 : 100
  for (let day = 0; day < days; day++) {
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
