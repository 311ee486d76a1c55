import { describe, expect, test } from 'vitest'
import { OWNER, OWNER2 } from '../support/chatwarden.ts'
import { raceOwners } from '../support/owner-race.ts'

/** More of them are in the long rounds. */
const newRole = 'USER'

describe('two owners who step down in two processes at the same moment, each as the other asked', () => {
  test('leave exactly one owner and one change', async () => {
    const { statuses, owners, changes, denials } = await raceOwners(newRole)
    expect(statuses).toEqual(['answered', 'not-found'])
    expect(owners).toHaveLength(1)
    const [requestedBy] = owners
    const left = requestedBy === OWNER ? OWNER2 : OWNER
    const metadata = { targetUser: left, oldRole: 'OWNER', newRole, requestedBy }
    expect(changes).toMatchObject([{ phoneNumber: left, metadata }])
    expect(denials).toEqual([])
  })
})
