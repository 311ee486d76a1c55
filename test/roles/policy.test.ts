import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/kernel/clock.ts'
import { type Decision, type Direction, decide } from '../../src/roles/policy.ts'
import type { EffectiveRole, Role } from '../../src/roles/role.ts'
import { ADMIN, OWNER, STRANGER } from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'
import { linkAccount, putPeople } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'

/** The columns of the tables: whom it concerns. */
const CURRENT: readonly EffectiveRole[] = ['NONE', 'USER', 'OPERATOR', 'ADMIN', 'OWNER']
const BOTH = [false, true]

const OUTCOMES = {
  yes: { kind: 'allowed' },
  no: { kind: 'denied', reason: 'ROLE_TOO_LOW' },
  who: { kind: 'not-found' },
  same: { kind: 'unchanged' },
  up: { kind: 'wrong-direction', right: 'promote' },
  down: { kind: 'wrong-direction', right: 'demote' },
} as const satisfies Record<string, Decision>
type Outcome = keyof typeof OUTCOMES
const NOBODY = 'no no no no no'

/**
 * The design's rule, worked out by hand for every case: what comes of it if an actor (outer key) sends a command with
 * a role, about somebody who is, from left to right, nobody yet, USER, OPERATOR, ADMIN or OWNER.
 */
const TABLE: Readonly<Record<EffectiveRole, Readonly<Record<`${Direction} ${Role}`, string>>>> = {
  OWNER: {
    'promote OWNER': '   yes  yes  yes  yes  same',
    'promote ADMIN': '   yes  yes  yes  same down',
    'promote OPERATOR': 'yes  yes  same down down',
    'promote USER': '    yes  same down down down',
    'demote OWNER': '    who  up   up   up   same',
    'demote ADMIN': '    who  up   up   same yes ',
    'demote OPERATOR': ' who  up   same yes  yes ',
    'demote USER': '     who  same yes  yes  yes ',
  },
  ADMIN: {
    'promote OWNER': NOBODY,
    'promote ADMIN': NOBODY,
    'promote OPERATOR': 'yes  yes  same no   no  ',
    'promote USER': '    yes  same down no   no  ',
    'demote OWNER': NOBODY,
    'demote ADMIN': NOBODY,
    'demote OPERATOR': ' who  up   same no   no  ',
    'demote USER': '     who  same yes  no   no  ',
  },
  OPERATOR: everything(NOBODY),
  USER: everything(NOBODY),
  NONE: everything(NOBODY),
}

function everything(row: string) {
  return {
    'promote OWNER': row,
    'promote ADMIN': row,
    'promote OPERATOR': row,
    'promote USER': row,
    'demote OWNER': row,
    'demote ADMIN': row,
    'demote OPERATOR': row,
    'demote USER': row,
  }
}

const cases = Object.entries(TABLE).flatMap(([actor, rows]) =>
  Object.entries(rows).flatMap(([command, row]) => {
    const [direction, wanted] = command.split(' ') as [Direction, Role]
    const outcomes = row.trim().split(/\s+/) as Outcome[]
    return CURRENT.map((current, column) => ({
      actor: actor as EffectiveRole,
      direction,
      wanted,
      current,
      outcome: outcomes[column] ?? 'no',
    }))
  }),
)

describe('the policy', () => {
  test('is a complete table', () => {
    expect(cases).toHaveLength(5 * 2 * 4 * 5)
    for (const rows of Object.values(TABLE))
      for (const row of Object.values(rows)) expect(row.trim().split(/\s+/)).toHaveLength(CURRENT.length)
  })

  test.each(cases)('$actor, $direction to $wanted somebody who is $current: $outcome', ({ outcome, ...change }) => {
    expect(decide({ ...change, self: false, lastOwner: false })).toEqual(OUTCOMES[outcome])
  })

  test.each(cases)('$actor, $direction to $wanted themself, being $current', ({ outcome, ...change }) => {
    // What the role forbids is said first; all else about oneself is refused, also what would change nothing.
    const expected = outcome === 'no' ? OUTCOMES.no : { kind: 'denied', reason: 'OWN_ROLE' }
    for (const lastOwner of BOTH) expect(decide({ ...change, self: true, lastOwner })).toEqual(expected)
  })

  test.each(cases)(
    '$actor, $direction to $wanted the last owner, being $current: $outcome',
    ({ outcome, ...change }) => {
      // Only a change that would otherwise happen can fail for being the last owner's.
      const expected = outcome === 'yes' ? { kind: 'denied', reason: 'LAST_OWNER' } : OUTCOMES[outcome]
      expect(decide({ ...change, self: false, lastOwner: true })).toEqual(expected)
    },
  )
})

describe('whatever is sent, in whatever order', () => {
  const shared = shareWarden()
  const [LID, TELEGRAM, DISCORD, SLACK] = ['whatsapp:771@lid', 'telegram:202', 'discord:301', 'slack:T1/U401']
  const START: Readonly<Record<string, Role>> = {
    [OWNER]: 'OWNER',
    [LID]: 'OWNER',
    [ADMIN]: 'ADMIN',
    [TELEGRAM]: 'ADMIN',
    [DISCORD]: 'OPERATOR',
    [SLACK]: 'USER',
  }
  /** Other accounts of some of them. */
  const OTHERS: Readonly<Record<string, string>> = { 'telegram:101': OWNER, 'discord:102': LID, 'slack:T1/U201': ADMIN }
  const personOf = (account: string): string => OTHERS[account] ?? account
  const PEOPLE = [...Object.keys(START), STRANGER, 'shop:902']
  const ACCOUNTS = [...PEOPLE, ...Object.keys(OTHERS)]
  const HIGH: readonly unknown[] = ['OWNER', 'ADMIN']

  /** Puts everybody where they start, behind Chatwarden's back. */
  function reset(): void {
    putPeople(shared.warden, Object.entries(START))
    for (const [account, person] of Object.entries(OTHERS)) linkAccount(shared.warden, account, person)
  }

  const roles = (): Map<string, string> =>
    new Map(
      shared.warden
        .sql<{ account: string; role: string }>(
          'SELECT a.account, u.role FROM users u JOIN accounts a ON a.user_id = u.id',
        )
        .map(({ account, role }) => [personOf(account), role]),
    )

  const step = fc.record({
    // Those who may do most do most, so that a run gets somewhere.
    by: fc.oneof(
      { arbitrary: fc.constantFrom(OWNER, LID, ADMIN, ...Object.keys(OTHERS)), weight: 3 },
      fc.constantFrom(...ACCOUNTS),
    ),
    direction: fc.constantFrom('promote', 'demote'),
    target: fc.constantFrom(...ACCOUNTS),
    wanted: fc.constantFrom('OWNER', 'ADMIN', 'OPERATOR', 'USER'),
  })

  test('the last owner never disappears, and an admin never alters an owner or an admin', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async (steps) => {
      reset()
      let before = roles()
      for (const { by: sender, direction, target: named, wanted } of steps) {
        const [by, target] = [personOf(sender), personOf(named)]
        shared.clock.advance(11 * MINUTE)
        await shared.warden.say(sender, `!config role ${direction} ${named} ${wanted}`)
        const after = roles()
        expect([...after.values()]).toContain('OWNER')
        const changed = PEOPLE.filter((person) => before.get(person) !== after.get(person))
        expect(changed.filter((person) => person !== target || person === by)).toEqual([])
        const concernsHigh = changed.some(
          (person) => HIGH.includes(before.get(person)) || HIGH.includes(after.get(person)),
        )
        if (before.get(by) !== 'OWNER') expect(concernsHigh).toBe(false)
        if (!HIGH.includes(before.get(by))) expect(changed).toEqual([])
        before = after
      }
    })
    await fc.assert(property, { numRuns: 15 })
  })

  test('owners who step down at once, each as the other asked, leave one', async () => {
    for (let round = 0; round < 10; round++) {
      reset()
      const asked = [
        await shared.warden.say('discord:102', `!config role demote ${OWNER} USER`),
        await shared.warden.say('telegram:101', `!config role demote ${LID} USER`),
      ]
      const codes = asked.map(({ replies }) => codeIn(replies[1]?.text))
      const handled = await Promise.all([
        shared.warden.say('telegram:101', `!config confirm ${codes[0]}`),
        shared.warden.say('discord:102', `!config confirm ${codes[1]}`),
      ])
      expect(handled.map(({ status }) => status).sort()).toEqual(['answered', 'not-found'])
      expect([...roles().values()].filter((role) => role === 'OWNER')).toHaveLength(1)
      shared.clock.advance(11 * MINUTE)
    }
  })

  test('any history ends with the roles that the trail tells', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
      reset()
      const told = roles()
      const [{ last }] = shared.warden.sql<{ last: number }>('SELECT max(seq) AS last FROM audit_logs') as [
        { last: number },
      ]
      for (const { by, direction, target, wanted } of steps)
        await shared.warden.say(by, `!config role ${direction} ${target} ${wanted}`)
      const changes = await shared.warden.AuditLogRepository.findByAction('ROLE_CHANGE', 1000)
      for (const { seq, metadata } of changes.reverse()) {
        const { targetUser, oldRole, newRole } = JSON.parse(metadata) as Record<string, string>
        if (seq <= last) continue
        const person = personOf(targetUser ?? '')
        expect(told.get(person) ?? 'NONE').toBe(oldRole)
        told.set(person, newRole ?? '')
      }
      expect(told).toEqual(roles())
    })
    await fc.assert(property, { numRuns: 8 })
  })
})
