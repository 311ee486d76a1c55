import { describe, expect, test } from 'vitest'
import { OWNER, OWNER2 } from '../support/chatwarden.ts'
import { raceOwners } from '../support/owner-race.ts'

/** More of them are in the long rounds. */
const ROUNDS = [1, 2].map((round) => [round, round % 2 === 0 ? 'ADMIN' : 'USER'] as const)

describe('two processes that demote each other’s owner at the same moment', () => {
  test.each(ROUNDS)('leave exactly one owner, one change and one denial (round %i, to %s)', async (_, newRole) => {
    const { statuses, owners, changes, denials } = await raceOwners(newRole)
    expect(statuses).toEqual(['answered', 'denied'])
    expect(owners).toHaveLength(1)
    const [winner] = owners
    const loser = winner === OWNER ? OWNER2 : OWNER
    expect(changes).toMatchObject([{ phoneNumber: winner, metadata: { targetUser: loser, oldRole: 'OWNER', newRole } }])
    expect(denials).toMatchObject([{ phoneNumber: loser, metadata: { reason: 'ROLE_TOO_LOW' } }])
  })
})
