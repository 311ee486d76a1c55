import { PRIVILEGED } from '../audit/entry/event-types.ts'
import type { Replay, ReplayedEntry, Surroundings } from '../audit/verify/replay.ts'
import { isByHost, type KnownPeople } from '../roles/actor-replay.ts'
import { TRIAL_OWNER } from '../roles/user.ts'

interface Request {
  /** Who asked, by the id of their user. */
  readonly userId: string | null
  readonly command: unknown
  readonly subject: unknown
}

/** What the entries of a commit go back to, as far as it was read. */
interface Commit {
  readonly lastSeq: number
  readonly requestId: string | null
  /** The request that was confirmed in it; `undefined` where none was. */
  readonly request: Request | 'unknown' | undefined
}

/**
 * Whether what was confirmed had been asked for, by the person it names and not by whoever confirmed it; and whether what takes
 * a confirmation had one.
 */
export class ConfirmationReplay implements Replay {
  readonly actions = [...PRIVILEGED]
  readonly #known: KnownPeople
  /** What was asked for and not confirmed yet, by its number. */
  readonly #requests = new Map<number, Request>()
  #commit: Commit = { lastSeq: -1, requestId: null, request: undefined }

  constructor(known: KnownPeople) {
    this.#known = known
  }

  judge(entry: ReplayedEntry, surroundings: Surroundings): string | undefined {
    const { seq, action, requestId } = entry
    if (action === 'CONFIRMATION_GIVEN') {
      const request = this.#requested(entry, surroundings)
      this.#commit = { lastSeq: seq, requestId, request: request ?? 'unknown' }
      return request === undefined ? 'nobody had asked for what it confirms' : undefined
    }
    const isSame = seq === this.#commit.lastSeq + 1 && requestId === this.#commit.requestId
    const request = isSame ? this.#commit.request : surroundings.isAfterGap ? 'unknown' : undefined
    this.#commit = { lastSeq: seq, requestId, request }
    return request === 'unknown' ? undefined : this.#judgeAct(entry, request)
  }

  take({ seq, action, userId, metadata }: ReplayedEntry): void {
    const { command, subject, request } = metadata
    if (action === 'CONFIRMATION_REQUESTED') this.#requests.set(seq, { userId, command, subject })
    // It can be confirmed once.
    if (action === 'CONFIRMATION_GIVEN') this.#requests.delete(Number(request))
  }

  /** What an entry confirms; `unknown` where an erasure has taken it since. */
  #requested({ metadata }: ReplayedEntry, { isErasedSince }: Surroundings): Request | 'unknown' | undefined {
    const number = Number(metadata.request)
    const request = this.#requests.get(number)
    if (request === undefined) return isErasedSince(number) ? 'unknown' : undefined
    const isThis = request.command === metadata.command && request.subject === metadata.subject
    return isThis && request.userId === this.#known.accounts.personOf(String(metadata.requestedBy))
      ? request
      : undefined
  }

  #judgeAct(entry: ReplayedEntry, request: Request | undefined): string | undefined {
    const { userId, metadata } = entry
    if (metadata.requestedBy !== undefined) {
      if (request === undefined) return 'nobody had asked for it'
      if (request.userId !== this.#known.accounts.personOf(String(metadata.requestedBy)))
        return `it was not ${metadata.requestedBy} who had asked for it`
    }
    // The program that Chatwarden runs in, and whoever runs it, decide alone.
    if (userId === null || isByHost(entry)) return undefined
    const owners = this.#realOwners()
    const isByTwo = request !== undefined && request.userId !== userId
    if (takesTwo(entry, this.#known))
      return isByTwo || owners.length < 2 ? undefined : 'no other owner had a part in it'
    if (!takesCode(entry)) return undefined
    if (request === undefined) return 'it was not confirmed'
    return isByTwo || owners.every((id) => id === userId) ? undefined : 'no other owner had a part in it'
  }

  #realOwners(): string[] {
    const trial = this.#known.accounts.personOf(TRIAL_OWNER)
    return this.#known.users.withRole('OWNER').filter((id) => id !== trial)
  }
}

/** Owners are made and unmade by two of them, where there are two, and whom another keeps out is let in again by two. */
function takesTwo(entry: ReplayedEntry, { users, accounts, blocks }: KnownPeople): boolean {
  const { action, userId, resourceId, subjectId, createdAt, metadata } = entry
  switch (action) {
    case 'ROLE_CHANGE':
      return [metadata.oldRole, metadata.newRole].includes('OWNER')
    case 'IDENTITY_CONFIRMED':
      return users.roleOf(subjectId ?? '') === 'OWNER'
    case 'USER_BLOCK':
    case 'USER_UNBLOCK': {
      const blocker = blocks.blockerOf(resourceId ?? '', createdAt)
      const isOwner = users.roleOf(accounts.personOf(resourceId ?? '') ?? '') === 'OWNER'
      return isOwner && blocker !== undefined && accounts.personOf(blocker) !== userId
    }
    default:
      return false
  }
}

/** What takes another owner, and a code of one's own where there is none. */
const takesCode = ({ action, metadata }: ReplayedEntry): boolean =>
  action === 'AUDIT_ERASURE' ||
  action === 'AUDIT_HOLD_REMOVE' ||
  (action === 'CONFIG_UPDATE' && metadata.effectiveAt !== undefined)
