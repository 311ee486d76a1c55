import { expect, test } from 'vitest'
import { raceOwners, raceToBlock } from '../support/owner-race.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 50)
/** So many more, if the machine kept one of the two waiting each time. */
const MORE = 5

test(`two owners step down in two processes at the same moment, ${ROUNDS} rounds: one owner is left each time`, async () => {
  let close = 0
  for (let round = 1; round <= ROUNDS || (close === 0 && round <= ROUNDS + MORE); round++) {
    const { statuses, owners, changes, denials, wasClose } = await raceOwners(round % 2 === 0 ? 'ADMIN' : 'USER')
    expect(statuses, `round ${round}`).toEqual(['answered', 'not-found'])
    expect(owners, `round ${round}`).toHaveLength(1)
    expect(changes, `round ${round}`).toHaveLength(1)
    expect(denials, `round ${round}`).toEqual([])
    if (wasClose) close++
  }
  console.log(`${ROUNDS} rounds; in ${close} of them both commands were under way at once`)
  expect(close).toBeGreaterThan(0)
})

test(`two processes block each other’s owner at the same moment, ${ROUNDS} rounds: one can act each time`, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    const { statuses, able } = await raceToBlock()
    expect(able, `round ${round}`).toHaveLength(1)
    // Who comes too late is turned away at the door, or denied where they were let in a moment before.
    expect(['answered,blocked', 'answered,denied'], `round ${round}`).toContain(statuses.join())
  }
})
