import { SYSTEM } from '../audit/entry/entry.ts'
import { PRIVILEGED } from '../audit/entry/event-types.ts'
import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import type { AccountReplay, BlockReplay, UserReplay } from './replay.repository.ts'

/**
 * Whether who acted was, by the entries before, who they are said to be, with the role they are said to have had, and not
 * blocked. A role that somebody had for a moment, by no entry, shows in what they did with it.
 */
export class ActorReplay implements Replay {
  readonly actions = [...PRIVILEGED]
  readonly #users: UserReplay
  readonly #accounts: AccountReplay
  readonly #blocks: BlockReplay
  #last: Pick<ReplayedEntry, 'seq' | 'account' | 'requestId'> | undefined

  constructor(users: UserReplay, accounts: AccountReplay, blocks: BlockReplay) {
    this.#users = users
    this.#accounts = accounts
    this.#blocks = blocks
  }

  judge(entry: ReplayedEntry): string | undefined {
    const last = this.#last
    this.#last = entry
    // Within one commit somebody acts as who they were when it began, also where it makes them somebody else.
    if (last !== undefined && isOneCommit(last, entry)) return undefined
    const { account, userId, userRole, createdAt } = entry
    if (account === SYSTEM.account) return undefined
    if (userId === null)
      return userRole === 'NONE' ? undefined : `${account} acted as ${userRole}, and is nobody's account`
    if (this.#accounts.personOf(account) !== userId)
      return `${account} acted as user ${userId}, and was not theirs by the entries before it`
    const role = this.#users.roleOf(userId)
    if (role !== userRole) return `${account} acted as ${userRole}, and was ${role} by the entries before it`
    const isBlocked = [...this.#accounts.accountsOf(userId)].some((each) => this.#blocks.isBlocked(each, createdAt))
    return isBlocked ? `${account} acted, and was blocked by the entries before it` : undefined
  }
}

const isOneCommit = (
  last: Pick<ReplayedEntry, 'seq' | 'account' | 'requestId'>,
  { seq, account, requestId }: ReplayedEntry,
): boolean => seq === last.seq + 1 && account === last.account && requestId !== null && requestId === last.requestId
