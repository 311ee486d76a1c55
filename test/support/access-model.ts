/** Who may do what to whom by the design's rules, written down a second time and without a look at the first. */
export interface World {
  readonly roles: Map<string, Rank>
  /** Until when somebody is blocked, in milliseconds; `Infinity` until they are unblocked. */
  readonly blocks: Map<string, number>
  /** Who blocked them last. */
  readonly blockers: Map<string, string>
  readonly listed: Set<string>
  isListOn: boolean
  now: number
}

const LADDER = ['NONE', 'USER', 'OPERATOR', 'ADMIN', 'OWNER'] as const
export type Rank = (typeof LADDER)[number]

export const VERBS = ['promote', 'demote', 'revoke', 'block', 'unblock', 'add', 'remove', 'on', 'off'] as const

export interface Step {
  readonly by: string
  readonly verb: (typeof VERBS)[number]
  readonly target: string
  /** The role that is given. */
  readonly to: Rank
  /** How long a block lasts; without it, until it is taken back. */
  readonly minutes: number | undefined
}

export type Ending = 'answered' | 'usage' | 'not-found' | 'denied' | 'blocked'

const MINUTE = 60_000
const rankOf = (world: World, phone: string): number => LADDER.indexOf(world.roles.get(phone) ?? 'NONE')
const [USER, OPERATOR, ADMIN, OWNER] = [1, 2, 3, 4] as const

export const isBlocked = ({ blocks, now }: World, phone: string): boolean => (blocks.get(phone) ?? 0) > now

const isLetIn = (world: World, phone: string): boolean =>
  !isBlocked(world, phone) && (!world.isListOn || world.listed.has(phone) || rankOf(world, phone) >= ADMIN)

/** Does one step, or not, and says how the command for it has to end. */
export function take(world: World, step: Step): Ending {
  const { by, target } = step
  if (!isLetIn(world, by)) return 'blocked'
  const mine = rankOf(world, by)
  const theirs = rankOf(world, target)
  switch (step.verb) {
    case 'promote':
    case 'demote':
    case 'revoke': {
      const to = step.verb === 'revoke' ? USER : LADDER.indexOf(step.to)
      if (mine < (Math.max(theirs, to) >= ADMIN ? OWNER : ADMIN) || by === target) return 'denied'
      if (theirs === 0 && step.verb !== 'promote') return 'not-found'
      if (theirs === to) return 'answered'
      if (step.verb === 'promote' ? to < theirs : to > theirs) return 'usage'
      world.roles.set(target, LADDER[to] ?? 'NONE')
      return 'answered'
    }
    case 'block':
    case 'unblock': {
      const least = theirs >= ADMIN ? OWNER : theirs === OPERATOR ? ADMIN : OPERATOR
      const blocker = isBlocked(world, target) ? rankOf(world, world.blockers.get(target) ?? '') : 0
      if (mine < Math.max(least, blocker) || (step.verb === 'block' && by === target)) return 'denied'
      const end = step.minutes === undefined ? Number.POSITIVE_INFINITY : world.now + step.minutes * MINUTE
      if (step.verb === 'unblock') world.blocks.delete(target)
      else {
        world.blocks.set(target, end)
        world.blockers.set(target, by)
      }
      return 'answered'
    }
    case 'add':
    case 'remove': {
      if (mine < (theirs >= ADMIN ? OWNER : ADMIN)) return 'denied'
      if (step.verb === 'remove') world.listed.delete(target)
      else {
        world.listed.add(target)
        if (theirs === 0) world.roles.set(target, 'USER')
      }
      return 'answered'
    }
    case 'on':
    case 'off': {
      if (mine < OWNER) return 'denied'
      world.isListOn = step.verb === 'on'
      return 'answered'
    }
  }
}

/** The command that asks for it. */
export function written(step: Step): string {
  const { verb, target } = step
  switch (verb) {
    case 'promote':
    case 'demote':
      return `role ${verb} ${target} ${step.to}`
    case 'revoke':
      return `role revoke ${target}`
    case 'block':
      return `user block ${target}${step.minutes === undefined ? '' : ` for ${step.minutes}m`}`
    case 'unblock':
      return `user unblock ${target}`
    case 'add':
    case 'remove':
      return `whitelist ${verb} ${target}`
    case 'on':
    case 'off':
      return `set whitelist-mode ${verb}`
  }
}
