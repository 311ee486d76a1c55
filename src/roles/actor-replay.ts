import { SYSTEM } from '../audit/entry/entry.ts'
import { PRIVILEGED } from '../audit/entry/event-types.ts'
import { isByLibrary } from '../audit/entry/standing.ts'
import type { Replay, ReplayedEntry, Surroundings } from '../audit/verify/replay.ts'
import type { AccountReplay, BlockReplay, UserReplay } from './replay.repository.ts'
import { atLeast, isRole } from './role.ts'

/** What is known of people at this point of the trail. */
export interface KnownPeople {
  readonly users: UserReplay
  readonly accounts: AccountReplay
  readonly blocks: BlockReplay
  /** Whether certainly nobody but those on the whitelist may use the chat. */
  isWhitelistOn(at: Date): boolean
}

/**
 * Whether who acted was, by the entries before, who they are said to be, with the role they are said to have had, and not
 * kept out. What somebody was for a moment, by no entry, shows in what they did as that.
 */
export class ActorReplay implements Replay {
  readonly actions = [...PRIVILEGED]
  readonly #known: KnownPeople

  constructor(known: KnownPeople) {
    this.#known = known
  }

  judge(entry: ReplayedEntry, { continues }: Surroundings): string | undefined {
    const { account, userId, userRole } = entry
    // Throughout one act somebody is who they were when it began, also where it makes them somebody else.
    if (continues || account === SYSTEM.account) return undefined
    if (userId === null)
      return userRole === 'NONE' ? undefined : `${account} acted as ${userRole}, and is nobody's account`
    const { users, accounts } = this.#known
    if (accounts.personOf(account) !== userId)
      return `${account} acted as ${this.#nameOf(userId)}, and was not theirs by the entries before it`
    const role = users.roleOf(userId)
    if (role !== userRole) return `${account} acted as ${userRole}, and was ${role} by the entries before it`
    const why = this.#keptOut(userId, entry)
    return why && `${account} acted, and was ${why} by the entries before it`
  }

  /** For who reads a finding: an account of theirs, if they have one. */
  #nameOf(userId: string): string {
    const [first] = this.#known.accounts.accountsOf(userId)
    return first ?? `user ${userId}`
  }

  #keptOut(userId: string, entry: ReplayedEntry): string | undefined {
    const { users, accounts, blocks, isWhitelistOn } = this.#known
    const { userRole: role, createdAt } = entry
    if ([...accounts.accountsOf(userId)].some((each) => blocks.blockerOf(each, createdAt) !== undefined))
      return 'blocked'
    const mayAlways = users.isWhitelisted(userId) || (isRole(role) && atLeast(role, 'ADMIN'))
    return mayAlways || isByLibrary(entry) || !isWhitelistOn(createdAt) ? undefined : 'not on the whitelist'
  }
}
