import { PRIVILEGED } from '../audit/entry/event-types.ts'
import { isByLibrary } from '../audit/entry/standing.ts'
import type { Moment, Replay, ReplayedEntry, Surroundings } from '../audit/verify/replay.ts'
import { objectIn } from '../kernel/json.ts'
import type { KnownPeople } from '../roles/actor-replay.ts'
import { TRIAL_OWNER } from '../roles/user.ts'
import type { Snapshot } from '../storage/contract.ts'
import { CHANGES, OF_SETTINGS, sealOf } from './confirmation.repository.ts'

interface Request {
  /** Who asked, by the id of their user. */
  readonly userId: string | null
  readonly command: unknown
  readonly subject: unknown
  readonly seals: readonly unknown[]
}

/**
 * What an act goes back to: a request; nothing that anybody asked for; or `unknown`, where that can't be told, or was found to be
 * wrong already.
 */
type Ground = Request | 'nothing' | 'unknown'

/**
 * Whether what was confirmed had been asked for, by the person it names and not by whoever confirmed it; whether what takes a
 * confirmation had one; and whether what waits to be confirmed was asked for.
 */
export class ConfirmationReplay implements Replay {
  readonly actions = [...PRIVILEGED]
  readonly #known: KnownPeople
  /** What was asked for and not confirmed yet, by its number. */
  readonly #requests = new Map<number, Request>()
  /** Who was made OWNER by somebody, and not long enough ago, by the ids of their users, and by which entry. */
  readonly #newOwners = new Map<string, number>()
  /** When something last changed about whom or what, by its names and the ids of users: the number of the entry. */
  readonly #changed = new Map<string, number>()
  #ground: Ground = 'nothing'

  constructor(known: KnownPeople) {
    this.#known = known
  }

  judge(entry: ReplayedEntry, { isAfterGap, continues }: Surroundings): string | undefined {
    if (entry.action === 'CONFIRMATION_GIVEN') {
      const request = this.#requested(entry)
      this.#ground = request ?? 'unknown'
      if (request === undefined) return 'nobody had asked for what it confirms'
      const changed = this.#changedSince(Number(entry.metadata.request), entry.metadata)
      if (changed) return `${request.command} ${request.subject}: something had changed since it was asked for`
      const isTooNew = entry.userId !== request.userId && this.#newOwners.has(entry.userId ?? '')
      return isTooNew ? `${entry.account} had not been OWNER for a day` : undefined
    }
    if (!continues) this.#ground = isAfterGap ? 'unknown' : 'nothing'
    return this.#ground === 'unknown' ? undefined : this.#judgeAct(entry, this.#ground)
  }

  take(entry: ReplayedEntry): void {
    const { seq, action, userId, metadata } = entry
    const { command, subject, seals, request } = metadata
    this.#noteOwner(entry)
    // What waited when a backup was made is not to come back to life with it.
    if (action === 'AUDIT_BACKUP_RESTORED') this.#requests.clear()
    if (CHANGES.includes(action)) {
      this.#changed.set(entry.resourceId ?? '', seq)
      if (entry.subjectId !== null) this.#changed.set(entry.subjectId, seq)
    }
    // It can be confirmed once.
    if (action === 'CONFIRMATION_GIVEN') this.#requests.delete(Number(request))
    if (action !== 'CONFIRMATION_REQUESTED') return
    // Of the same kind and about the same only the last can be.
    for (const [before, of] of this.#requests)
      if (of.userId === userId && of.command === command && of.subject === subject) this.#requests.delete(before)
    this.#requests.set(seq, { userId, command, subject, seals: Array.isArray(seals) ? seals : [] })
  }

  /** Codes that are not as their entry says them: the bot takes none of them, but somebody had a reason to write them there. */
  async compare(snapshot: Snapshot, { latest }: Moment): Promise<string[]> {
    const rows = await snapshot.read<Row>(
      `SELECT request_seq, confirmer, code, request_id, requested_by, command, arguments, subject, what, expires_at
       FROM confirmations`,
    )
    // What has ended is forgotten some time, and its entry too.
    const wrong = rows.filter((row) => !(row[9] <= latest) && !this.#isAsSaid(row))
    return [...new Set(wrong.map(([seq]) => `a code of request ${seq}, which is not as it was asked for`))]
  }

  #isAsSaid([seq, confirmer, code, requestId, requestedBy, command, args, subject, what, expiresAt]: Row): boolean {
    const request = this.#requests.get(seq)
    const values = objectIn(args) ?? {}
    const sealed = { requestId, requestedBy, command, values, subject, what, expiresAt: new Date(expiresAt) }
    return request?.userId === requestedBy && request.seals.includes(sealOf({ confirmer, code, ...sealed }))
  }

  /** Of settings the request itself says from what. */
  #changedSince(request: number, { command, subject }: ReplayedEntry['metadata']): boolean {
    if (OF_SETTINGS.includes(String(command))) return false
    const person = this.#personOf(subject)
    const names = [
      String(subject),
      ...(person === undefined ? [] : [person, ...this.#known.accounts.accountsOf(person)]),
    ]
    return names.some((name) => (this.#changed.get(name) ?? -1) > request)
  }

  #noteOwner({ seq, action, userId, subjectId, metadata }: ReplayedEntry): void {
    const id = subjectId ?? ''
    // What the configuration or the command line by itself gives is vouched for.
    const isBySomebody = userId !== null || metadata.requestedBy !== undefined
    if (action === 'ROLE_CHANGE' && metadata.newRole === 'OWNER' && isBySomebody) this.#newOwners.set(id, seq)
    else if (action === 'ROLE_CHANGE') this.#newOwners.delete(id)
    else if (action === 'OWNER_PROBATION_ENDED' && this.#newOwners.get(id) === metadata.since)
      this.#newOwners.delete(id)
    else if (action === 'ROLE_SEEDED' && metadata.role === 'OWNER') this.#newOwners.delete(id)
  }

  /** What an entry confirms, if that was asked for, and by a code of it. */
  #requested({ metadata }: ReplayedEntry): Request | undefined {
    const request = this.#requests.get(Number(metadata.request))
    const isThis = request?.command === metadata.command && request?.subject === metadata.subject
    if (!request?.seals.includes(metadata.seal)) return undefined
    return isThis && request?.userId === this.#personOf(metadata.requestedBy) ? request : undefined
  }

  #judgeAct(entry: ReplayedEntry, ground: Request | 'nothing'): string | undefined {
    const { action, userId, metadata } = entry
    const asker = ground === 'nothing' ? undefined : ground.userId
    const other =
      ground === 'nothing' || this.#isAbout(entry, String(ground.subject))
        ? undefined
        : `${action}: what had been asked for was about ${ground.subject}`
    if (metadata.requestedBy !== undefined) {
      if (ground === 'nothing') return `${action}: nobody had asked for it`
      if (asker !== this.#personOf(metadata.requestedBy))
        return `${action}: it was not ${metadata.requestedBy} who had asked for it`
      if (other !== undefined) return other
    }
    // The program that Chatwarden runs in, and whoever runs it, decide alone.
    if (userId === null || isByLibrary(entry)) return undefined
    const owners = this.#realOwners()
    const isByTwo = ground !== 'nothing' && asker !== userId
    const isAlone = `${action} by ${entry.account} alone, and there were ${owners.length} owners`
    const isTwos = takesTwo(entry, this.#known)
    if (!isTwos && !takesCode(entry)) return undefined
    if (other !== undefined) return other
    if (isTwos) return isByTwo || owners.length < 2 ? undefined : isAlone
    if (ground === 'nothing') return `${action} was not confirmed`
    return isByTwo || owners.every((id) => id === userId) ? undefined : isAlone
  }

  /** Whether an act is about what was confirmed: an account, by whichever of the same person's, a setting, or whom a hash stands for. */
  #isAbout({ action, resourceId, subjectId, metadata }: ReplayedEntry, subject: string): boolean {
    const { subjectHash, accountHashes } = metadata
    if (action === 'AUDIT_ERASURE') return [subjectHash].concat(accountHashes ?? []).includes(subject)
    if (resourceId === subject) return true
    const [asked, done] = [this.#personOf(subject), subjectId ?? this.#personOf(resourceId)]
    // A block is also lifted by names that only the platform has for somebody.
    if (BLOCKS.includes(action) && (asked === undefined || done === undefined)) return true
    return asked !== undefined && asked === done
  }

  #personOf(account: unknown): string | undefined {
    return this.#known.accounts.personOf(String(account))
  }

  #realOwners(): string[] {
    const trial = this.#personOf(TRIAL_OWNER)
    return this.#known.users.withRole('OWNER').filter((id) => id !== trial)
  }
}

type Row = readonly [
  seq: number,
  confirmer: string,
  code: string,
  requestId: string,
  requestedBy: string,
  command: string,
  args: string,
  subject: string,
  what: string,
  expiresAt: number,
]

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

const BLOCKS = ['USER_BLOCK', 'USER_UNBLOCK']

/** What takes another owner, and a code of one's own where there is none. */
const takesCode = ({ action, metadata }: ReplayedEntry): boolean =>
  action === 'AUDIT_ERASURE' ||
  action === 'AUDIT_HOLD_REMOVE' ||
  (action === 'CONFIG_UPDATE' && metadata.effectiveAt !== undefined)
