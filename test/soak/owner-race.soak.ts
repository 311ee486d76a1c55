import { expect, test } from 'vitest'
import { raceOwners, wasClose } from '../support/owner-race.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 50)

test(`two processes demote each other’s owner at the same moment, ${ROUNDS} rounds: one owner is left each time`, async () => {
  let close = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const result = await raceOwners()
    expect(result.statuses, `round ${round}`).toEqual(['answered', 'denied'])
    expect(result.owners, `round ${round}`).toHaveLength(1)
    expect(result.changes, `round ${round}`).toHaveLength(1)
    expect(result.denials, `round ${round}`).toHaveLength(1)
    if (wasClose(result)) close++
  }
  console.log(`${ROUNDS} rounds; in ${close} of them both were owners when they began`)
})
