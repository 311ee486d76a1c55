import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AccessChange, type AccessDecision, decideAccess } from '../../src/roles/policy.ts'
import { atLeast, type EffectiveRole } from '../../src/roles/role.ts'

/** The columns of the table: whom it concerns. */
const CURRENT: readonly EffectiveRole[] = ['NONE', 'USER', 'OPERATOR', 'ADMIN', 'OWNER']
const CHANGES = ['block', 'unblock', 'whitelist'] as const satisfies readonly AccessChange['change'][]

const ALLOWED: AccessDecision = { kind: 'allowed' }
const TOO_LOW: AccessDecision = { kind: 'denied', reason: 'ROLE_TOO_LOW' }
const SELF: AccessDecision = { kind: 'denied', reason: 'SELF' }
const LAST_OWNER: AccessDecision = { kind: 'denied', reason: 'LAST_OWNER' }

/**
 * The design's rule, worked out by hand for every case: whether an actor (outer key) may do that to somebody who is,
 * from left to right, nobody yet, USER, OPERATOR, ADMIN or OWNER.
 */
const TABLE: Readonly<Record<EffectiveRole, Readonly<Record<AccessChange['change'], string>>>> = {
  OWNER: { block: 'yes yes yes yes yes', unblock: 'yes yes yes yes yes', whitelist: 'yes yes yes yes yes' },
  ADMIN: { block: 'yes yes yes no no', unblock: 'yes yes yes no no', whitelist: 'yes yes yes no no' },
  OPERATOR: { block: 'yes yes no no no', unblock: 'yes yes no no no', whitelist: 'no no no no no' },
  USER: { block: 'no no no no no', unblock: 'no no no no no', whitelist: 'no no no no no' },
  NONE: { block: 'no no no no no', unblock: 'no no no no no', whitelist: 'no no no no no' },
}

/** Nobody keeps them out. */
const NOBODY = { blocker: 'NONE' } as const

const cases = CURRENT.flatMap((actor) =>
  CHANGES.flatMap((change) => {
    const row = TABLE[actor][change].split(' ')
    return CURRENT.map((current, column) => ({ actor, change, current, may: row[column] as 'yes' | 'no' }))
  }),
)

describe('who may keep whom out, or let them in', () => {
  test('is a complete table', () => {
    expect(cases).toHaveLength(5 * 3 * 5)
    for (const { may } of cases) expect(['yes', 'no']).toContain(may)
  })

  test.each(cases)('$actor, $change of somebody who is $current: $may', ({ may, ...change }) => {
    expect(decideAccess({ ...change, ...NOBODY, self: false, lastOwner: false })).toEqual(
      may === 'yes' ? ALLOWED : TOO_LOW,
    )
  })

  test.each(cases)('$actor, $change of themself, being $current', ({ may, ...change }) => {
    // What the role forbids is said first. Who could block themself could not take it back.
    const allowed = change.change === 'block' ? SELF : ALLOWED
    for (const lastOwner of [false, true])
      expect(decideAccess({ ...change, ...NOBODY, self: true, lastOwner })).toEqual(may === 'yes' ? allowed : TOO_LOW)
  })

  test.each(cases)('$actor, $change of the last owner, being $current', ({ may, ...change }) => {
    const allowed = change.change === 'block' ? LAST_OWNER : ALLOWED
    expect(decideAccess({ ...change, ...NOBODY, self: false, lastOwner: true })).toEqual(
      may === 'yes' ? allowed : TOO_LOW,
    )
  })
})

describe('whoever decides', () => {
  const role = fc.constantFrom(...CURRENT)
  const change: fc.Arbitrary<AccessChange> = fc.record({
    actor: role,
    current: role,
    blocker: role,
    change: fc.constantFrom(...CHANGES),
    self: fc.boolean(),
    lastOwner: fc.boolean(),
  })
  const isAllowed = (of: AccessChange): boolean => decideAccess(of).kind === 'allowed'

  test('a higher role may never do less', () => {
    fc.assert(
      fc.property(change, role, (of, other) => {
        if (isAllowed(of) && atLeast(other, of.actor)) expect(isAllowed({ ...of, actor: other })).toBe(true)
      }),
    )
  })

  test('a higher role is never easier to keep out', () => {
    fc.assert(
      fc.property(change, role, (of, other) => {
        if (isAllowed(of) && atLeast(of.current, other)) expect(isAllowed({ ...of, current: other })).toBe(true)
      }),
    )
  })

  test('nobody but an owner keeps out an equal, or somebody above', () => {
    fc.assert(
      fc.property(change, (of) => {
        if (isAllowed(of) && of.actor !== 'OWNER') expect(atLeast(of.current, of.actor)).toBe(false)
      }),
    )
  })

  test('nobody takes back, or replaces, the block of somebody above', () => {
    fc.assert(
      fc.property(change, (of) => {
        if (of.change === 'whitelist') return
        const isHeldByHigher = !atLeast(of.actor, of.blocker)
        const isOtherwiseAllowed = isAllowed({ ...of, ...NOBODY })
        expect(isAllowed(of)).toBe(isOtherwiseAllowed && !isHeldByHigher)
      }),
    )
  })

  test('nobody blocks themself, nobody blocks the last owner, and who may block may unblock', () => {
    fc.assert(
      fc.property(change, (of) => {
        if (of.change !== 'block') return
        if (of.self || of.lastOwner) expect(isAllowed(of)).toBe(false)
        if (isAllowed(of)) expect(isAllowed({ ...of, change: 'unblock' })).toBe(true)
      }),
    )
  })
})
