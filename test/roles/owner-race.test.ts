import { describe, expect, test } from 'vitest'
import { OWNER, OWNER2 } from '../support/chatwarden.ts'
import { raceOwners } from '../support/owner-race.ts'

/** More of them are in the long rounds. */
const newRole = 'USER'

describe('two processes that demote each other’s owner at the same moment', () => {
  test('leave exactly one owner, one change and one denial', async () => {
    const { statuses, owners, changes, denials } = await raceOwners(newRole)
    expect(statuses).toEqual(['answered', 'denied'])
    expect(owners).toHaveLength(1)
    const [winner] = owners
    const loser = winner === OWNER ? OWNER2 : OWNER
    expect(changes).toMatchObject([{ phoneNumber: winner, metadata: { targetUser: loser, oldRole: 'OWNER', newRole } }])
    expect(denials).toMatchObject([{ phoneNumber: loser, metadata: { reason: 'ROLE_TOO_LOW' } }])
  })
})
