import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { TRIAL_OWNER } from '../../src/roles/user.ts'
import {
  isBlocked,
  type Rank,
  requestFor,
  type Step,
  take,
  VERBS,
  type World,
  written,
} from '../support/access-model.ts'
import {
  ADMIN,
  ADMIN2,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  USER,
} from '../support/chatwarden.ts'
import { codeFor, codeIn } from '../support/confirming.ts'
import { putPeople } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const START: readonly (readonly [string, Rank])[] = [
  [OWNER, 'OWNER'],
  [OWNER2, 'OWNER'],
  [OWNER3, 'OWNER'],
  [ADMIN, 'ADMIN'],
  [ADMIN2, 'ADMIN'],
  [OPERATOR, 'OPERATOR'],
  [USER, 'USER'],
]
const EVERYBODY = [...START.map(([phone]) => phone), STRANGER]

// Those who may do most do most, so that a run gets somewhere.
const by = fc.oneof(
  { arbitrary: fc.constantFrom(OWNER, OWNER2, OWNER3), weight: 5 },
  { arbitrary: fc.constantFrom(ADMIN, ADMIN2), weight: 3 },
  { arbitrary: fc.constantFrom(...EVERYBODY), weight: 2 },
)
const step: fc.Arbitrary<Step> = fc.record({
  by,
  verb: fc.constantFrom(...VERBS, 'block', 'block', 'demote', 'confirm', 'confirm', 'confirm'),
  target: fc.constantFrom(...EVERYBODY),
  to: fc.constantFrom('OWNER', 'ADMIN', 'OPERATOR', 'USER'),
  minutes: fc.constantFrom(1, 30, 120, undefined),
})
const pause = fc.constantFrom(1, 29, 30, 90)
const history = fc.array(fc.oneof({ arbitrary: step, weight: 7 }, pause), { minLength: 15, maxLength: 30 })

describe('no combination of roles, blocks and whitelist mode', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${OWNER3}` } })
  const say = (phone: string, text: string) => shared.warden.say(phone, `!config ${text}`)

  /** Puts everybody where they start, behind Chatwarden's back but for the setting. */
  async function start(): Promise<World> {
    const { warden, clock } = shared
    putPeople(warden, START)
    for (const table of ['blocks', 'confirmations', 'new_owners']) warden.sql(`DELETE FROM ${table}`)
    await say(OWNER, 'set whitelist-mode off')
    return {
      roles: new Map(START),
      blocks: new Map(),
      blockers: new Map(),
      listed: new Set(),
      isListOn: false,
      now: clock.time,
      ownersSince: new Map(),
      requests: [],
    }
  }

  /** Who is what at this moment, as the database has it. */
  function actual() {
    const { warden, clock } = shared
    const users = warden.sql<{ phone: string; role: string; listed: number }>(
      'SELECT a.account AS phone, u.role, u.whitelisted AS listed FROM users u JOIN accounts a ON a.user_id = u.id ORDER BY 1',
    )
    const blocks = warden.sql<{ phone: string; until: string | number | null }>(
      'SELECT account AS phone, until FROM blocks ORDER BY 1',
    )
    return {
      roles: users.map(({ phone, role }) => [phone, role]),
      listed: users.filter(({ listed }) => listed === 1).map(({ phone }) => phone),
      blocked: blocks
        .filter(({ until }) => until === null || new Date(until).getTime() > clock.time)
        .map(({ phone }) => phone),
    }
  }

  const expected = (world: World) => ({
    roles: [...world.roles].sort(([a], [b]) => a.localeCompare(b)),
    listed: [...world.listed].sort(),
    blocked: [...world.blocks.keys()].filter((phone) => isBlocked(world, phone)).sort(),
  })

  /** That one of them is answered what takes an OWNER. Setting what is set already changes nothing. */
  async function expectAnOwnerCanAct({ isListOn }: World, { roles }: ReturnType<typeof actual>): Promise<void> {
    for (const [phone = '', role] of roles)
      if (role === 'OWNER' && (await say(phone, `set whitelist-mode ${isListOn ? 'on' : 'off'}`)).status === 'answered')
        return
    expect.fail('No owner can act.')
  }

  test('locks out every owner, or lets anybody do what their role forbids', async () => {
    const property = fc.asyncProperty(history, async (taken) => {
      const world = await start()
      for (const next of taken) {
        if (typeof next === 'number') {
          shared.clock.advance(next * MINUTE)
          world.now = shared.clock.time
        } else {
          const code = requestFor(world, next.by)?.codes.get(next.by)
          const ending = take(world, next)
          const { status, replies } = await say(next.by, written(next, code))
          expect([next, status]).toEqual([next, ending])
          for (const { audience, text } of replies)
            if (typeof audience === 'object' && codeIn(text) !== '')
              world.requests.at(-1)?.codes.set(audience.account, codeIn(text))
        }
        const now = actual()
        expect(now).toEqual(expected(world))
        await expectAnOwnerCanAct(world, now)
      }
    })
    await fc.assert(property, { numRuns: 6 })
  })
})

describe('two processes in which two owners block each other at the same moment', () => {
  test('leave exactly one who can act', async () => {
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const first = await openTestWarden({ env })
    const second = await openTestWarden({ env }, first.folder)
    for (let round = 1; round <= 6; round++) {
      const statuses = await Promise.all([
        first.say(OWNER, `!config user block ${OWNER2} for 1h`),
        second.say(OWNER2, `!config user block ${OWNER}`),
      ])
      const [winner] = statuses.map(({ status }) => status).filter((status) => status === 'answered')
      expect(winner).toBe('answered')
      const able = []
      for (const phone of [OWNER, OWNER2])
        if ((await second.say(phone, '!config role list')).status === 'answered') able.push(phone)
      expect(able).toHaveLength(1)
      const [left = ''] = able
      expect((await first.say(left, `!config user unblock ${left === OWNER ? OWNER2 : OWNER}`)).status).toBe('answered')
    }
  })
})

describe('the last owner who can act', () => {
  // Of all who may act as an owner only the trial owner is none who counts.
  const terminal = { source: 'terminal', sender: { id: TRIAL_OWNER } } as const

  test('can be neither blocked nor demoted nor revoked, and an owner who is blocked is none who stays behind', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: '' } })
    const say = (text: string) => warden.say('', `!config ${text}`, terminal)
    for (const phone of [OWNER, OWNER2]) await say(`role promote ${phone} OWNER`)
    expect((await say(`user block ${OWNER2} for 1h`)).status).toBe('answered')
    const { result, entries } = await entriesOf(warden, async () => [
      await say(`user block ${OWNER}`),
      await say(`role demote ${OWNER} ADMIN`),
      await say(`role revoke ${OWNER}`),
    ])
    expect(result.map(({ status }) => status)).toEqual(['denied', 'denied', 'denied'])
    expect(result.map(textOf)).toEqual([
      `❌ ${OWNER} is the last OWNER who can act, and cannot be blocked.`,
      `❌ ${OWNER} is the last OWNER. Make somebody else OWNER first.`,
      `❌ ${OWNER} is the last OWNER. Make somebody else OWNER first.`,
    ])
    for (const { action, metadata } of entries)
      expect([action, metadata.reason]).toEqual(['PERMISSION_DENIED', 'LAST_OWNER'])
    clock.advance(HOUR)
    expect((await say(`user block ${OWNER}`)).status).toBe('answered')
    expect((await say(`role demote ${OWNER2} ADMIN`)).status).toBe('denied')
    await say(`user unblock ${OWNER}`)
    clock.advance(DAY)
    const code = codeFor(await say(`role demote ${OWNER2} ADMIN`), OWNER)
    expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('answered')
    // The trial owner itself may always go.
    expect((await warden.say(OWNER, `!config user block ${TRIAL_OWNER}`)).status).toBe('answered')
    expect((await say('role list')).status).toBe('blocked')
  })
})
