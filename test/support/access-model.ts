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
  /** Since when somebody is an OWNER who was made one in the chat. */
  readonly ownersSince: Map<string, number>
  /** What waits for another owner, the last last. */
  readonly requests: Request[]
}

/** What an owner asked for that another has to confirm. */
export interface Request {
  readonly step: Step
  /** Whether whom it is about is not as they were. */
  isStale: boolean
  readonly confirmers: readonly string[]
  /** The code of each of them, as they were told. */
  readonly codes: Map<string, string>
}

const LADDER = ['NONE', 'USER', 'OPERATOR', 'ADMIN', 'OWNER'] as const
export type Rank = (typeof LADDER)[number]

export const VERBS = [
  'promote',
  'demote',
  'revoke',
  'block',
  'unblock',
  'add',
  'remove',
  'on',
  'off',
  'confirm',
] as const

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
const DAY = 24 * 60 * MINUTE
const rankOf = (world: World, phone: string): number => LADDER.indexOf(world.roles.get(phone) ?? 'NONE')
const [USER, OPERATOR, ADMIN, OWNER] = [1, 2, 3, 4] as const

export const isBlocked = ({ blocks, now }: World, phone: string): boolean => (blocks.get(phone) ?? 0) > now

const isLetIn = (world: World, phone: string): boolean =>
  !isBlocked(world, phone) && (!world.isListOn || world.listed.has(phone) || rankOf(world, phone) >= ADMIN)

const ownersOf = ({ roles }: World): string[] => [...roles].flatMap(([phone, role]) => (role === 'OWNER' ? phone : []))

const mayConfirm = (world: World, phone: string): boolean =>
  !isBlocked(world, phone) && world.now - (world.ownersSince.get(phone) ?? Number.NEGATIVE_INFINITY) >= DAY

/** Keeps what takes another owner; of the same by the same only the last. */
function askAnother(world: World, step: Step, notBy?: string): Ending {
  const { requests } = world
  const before = requests.findIndex((it) => isSameRequest(it.step, step))
  if (before !== -1) requests.splice(before, 1)
  const confirmers = ownersOf(world).filter((it) => it !== step.by && it !== notBy && mayConfirm(world, it))
  requests.push({ step, isStale: false, confirmers, codes: new Map() })
  return confirmers.length === 0 ? 'not-found' : 'answered'
}

const isSameRequest = (one: Step, other: Step): boolean =>
  one.by === other.by && one.verb === other.verb && one.target === other.target

/** The last request that somebody got a code for. */
export const requestFor = ({ requests }: World, phone: string): Request | undefined =>
  requests.findLast(({ confirmers }) => confirmers.includes(phone))

function confirm(world: World, by: string): Ending {
  const request = requestFor(world, by)
  if (rankOf(world, by) < OWNER) return 'denied'
  if (request === undefined || !mayConfirm(world, by)) return 'not-found'
  world.requests.splice(world.requests.indexOf(request), 1)
  const { step, isStale } = request
  if (rankOf(world, step.by) < OWNER || isBlocked(world, step.by)) return 'not-found'
  if (isStale) return 'usage'
  return step.verb === 'block' || step.verb === 'unblock' ? setBlock(world, step, by) : setRole(world, step)
}

/** What was asked for about somebody is about them as they were. */
function outdate({ requests }: World, target: string): void {
  for (const request of requests) if (request.step.target === target) request.isStale = true
}

function setRole(world: World, { verb, target, to }: Step): Ending {
  const wanted = verb === 'revoke' ? 'USER' : to
  outdate(world, target)
  world.roles.set(target, wanted)
  if (wanted === 'OWNER') world.ownersSince.set(target, world.now)
  else world.ownersSince.delete(target)
  return 'answered'
}

function setBlock(world: World, { verb, target, minutes }: Step, by: string): Ending {
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : world.now + minutes * MINUTE
  if (verb === 'block' || isBlocked(world, target)) outdate(world, target)
  if (verb === 'unblock') world.blocks.delete(target)
  else {
    world.blocks.set(target, end)
    world.blockers.set(target, by)
  }
  return 'answered'
}

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
      const takesTwo = Math.max(theirs, to) === OWNER && ownersOf(world).length > 1
      return takesTwo ? askAnother(world, step) : setRole(world, step)
    }
    case 'block':
    case 'unblock': {
      const least = theirs >= ADMIN ? OWNER : theirs === OPERATOR ? ADMIN : OPERATOR
      const blocker = isBlocked(world, target) ? rankOf(world, world.blockers.get(target) ?? '') : 0
      if (mine < Math.max(least, blocker) || (step.verb === 'block' && by === target)) return 'denied'
      // Who blocked an owner may lift it alone; anybody else takes another.
      const isTheirs = world.blockers.get(target) === by
      const takesTwo = theirs === OWNER && isBlocked(world, target) && !isTheirs && ownersOf(world).length > 1
      return takesTwo ? askAnother(world, step, target) : setBlock(world, step, by)
    }
    case 'add':
    case 'remove': {
      if (mine < (theirs >= ADMIN ? OWNER : ADMIN)) return 'denied'
      if (step.verb === 'remove') world.listed.delete(target)
      else {
        world.listed.add(target)
        if (theirs === 0) setRole(world, { ...step, verb: 'promote', to: 'USER' })
      }
      return 'answered'
    }
    case 'confirm':
      return confirm(world, by)
    case 'on':
    case 'off': {
      if (mine < OWNER) return 'denied'
      world.isListOn = step.verb === 'on'
      return 'answered'
    }
  }
}

/** The command that asks for it, or confirms with a code. */
export function written(step: Step, code = '000000'): string {
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
    case 'confirm':
      return `confirm ${code}`
    case 'on':
    case 'off':
      return `set whitelist-mode ${verb}`
  }
}
