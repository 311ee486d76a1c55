import type { Moment, Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import { type Account, platformOf } from '../kernel/account.ts'
import { DAY, isoTime } from '../kernel/clock.ts'
import { ownTime } from '../kernel/own-time.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/contract.ts'
import type { Link, Proof } from './link.repository.ts'
import { isRole } from './role.ts'

const text = (value: unknown): string => String(value ?? '')

/** What rows say by their key. A key that two rows have is said to have both: which one counts is nobody's to choose. */
function byKey(rows: Iterable<readonly [key: string, value: string]>): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of rows) {
    const before = found.get(key)
    found.set(key, before === undefined ? value : `${before} and ${value}`)
  }
  return found
}

/** Where two maps differ, as `name of key`. */
export function differences(
  name: string,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  called = (key: string) => key,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => expected.get(key) !== found.get(key))
    .map(
      (key) => `${name} of ${called(key)}: ${found.get(key) ?? 'none'}, by the entries ${expected.get(key) ?? 'none'}`,
    )
}

/** Roles and whitelist of users by their ids, by the entries that gave and took them. */
export class UserReplay implements Replay {
  readonly actions = ['ROLE_CHANGE', 'WHITELIST_ADD', 'WHITELIST_REMOVE']
  readonly #roles = new Map<string, string>()
  readonly #whitelisted = new Map<string, string>()
  /** The accounts by which entries speak of users, for who reads a finding. */
  readonly #names = new Map<string, string>()

  /** What somebody's role is at this point of the trail. */
  roleOf(id: string): string {
    return this.#roles.get(id) ?? 'NONE'
  }

  isWhitelisted(id: string): boolean {
    return this.#whitelisted.has(id)
  }

  /** The ids of those who have this role at this point of the trail. */
  withRole(role: string): string[] {
    return [...this.#roles].flatMap(([id, is]) => (is === role ? id : []))
  }

  judge({ action, resourceId, subjectId, metadata }: ReplayedEntry): string | undefined {
    const id = text(subjectId)
    if (action === 'ROLE_CHANGE') {
      const before = this.roleOf(id)
      return before === metadata.oldRole
        ? undefined
        : `role of ${resourceId}: it was ${text(metadata.oldRole)}, by the entries before it ${before}`
    }
    const wasOn = this.#whitelisted.has(id)
    return wasOn === (action === 'WHITELIST_REMOVE')
      ? undefined
      : `whitelisting of ${resourceId}: ${wasOn ? 'given' : 'taken'} once more than by the entries before it`
  }

  take({ action, resourceId, subjectId, metadata }: ReplayedEntry): void {
    const id = text(subjectId)
    this.#names.set(id, text(resourceId))
    if (action === 'ROLE_CHANGE' && metadata.newRole === 'NONE') {
      this.#roles.delete(id)
      this.#whitelisted.delete(id)
    } else if (action === 'ROLE_CHANGE') this.#roles.set(id, text(metadata.newRole))
    else if (action === 'WHITELIST_ADD') this.#whitelisted.set(id, 'yes')
    else this.#whitelisted.delete(id)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string, number]>('SELECT id, role, whitelisted FROM users')
    const accounts = await snapshot.read<[string, string]>(
      "SELECT user_id, account FROM accounts ORDER BY account LIKE '+%', since DESC, account DESC",
    )
    const names = new Map([...accounts, ...this.#names])
    const called = (id: string) => names.get(id) ?? `user ${id}`
    const roles = byKey(rows.map(([id, role]) => [id, isRole(role) ? role : 'none']))
    const whitelisted = byKey(rows.flatMap(([id, , is]) => (is ? [[id, 'yes'] as const] : [])))
    return [
      ...differences('role', this.#roles, roles, called),
      ...differences('whitelisting', this.#whitelisted, whitelisted, called),
    ]
  }
}

interface ExpectedBlock {
  /** In ISO 8601, or that there is no end. */
  readonly until: string
  readonly by: string
  readonly reason: string | null
  /** When it was set, in milliseconds. */
  readonly at: number
}

/** Blocks that hold now, by the entries that set and lifted them. */
export class BlockReplay implements Replay {
  readonly actions = ['USER_BLOCK', 'USER_UNBLOCK']
  readonly #blocks = new Map<string, ExpectedBlock>()

  /** Who blocked an account, by theirs, if it is blocked at this point of the trail. */
  blockerOf(account: string, at: Date): string | undefined {
    const block = this.#blocks.get(account)
    return block !== undefined && block.until > at.toISOString() ? block.by : undefined
  }

  take({ action, resourceId, account: by, createdAt, metadata }: ReplayedEntry): void {
    const { until = 'unblocked', reason = null } = metadata
    const block = {
      until: text(until),
      by,
      reason: reason as string | null,
      at: ownTime({ createdAt, metadata }).getTime(),
    }
    if (action === 'USER_BLOCK') this.#blocks.set(text(resourceId), block)
    else this.#blocks.delete(text(resourceId))
  }

  async compare(snapshot: Snapshot, { latest }: Moment): Promise<string[]> {
    const rows = await snapshot.read<[string, number | null, string, string | null, number]>(
      'SELECT account, until, blocked_by, reason, blocked_at FROM blocks',
    )
    const found = rows.map(([account, until, by, reason, at]): [string, ExpectedBlock] => [
      account,
      { until: until === null ? 'unblocked' : isoTime(until), by, reason, at },
    ])
    // A block that has ended says nothing any more, whether it is still there or not.
    const at = isoTime(latest)
    const active = (blocks: Iterable<[string, ExpectedBlock]>) =>
      byKey(
        [...blocks]
          .filter(([, { until }]) => until > at)
          .map(([phone, { until, by, reason, at: since }]) => [
            phone,
            `${until} by ${by} since ${isoTime(since)}${reason === null ? '' : ` (${reason})`}`,
          ]),
      )
    return differences('block until', active(this.#blocks), active(found))
  }
}

/** With which the accounts go that wait for an owner to say who they are. */
const FORGETTING: readonly string[] = ['AUDIT_ERASURE', 'AUDIT_BACKUP_RESTORED', 'AUDIT_KEY_ROTATED']
/** They are forgotten a day later. */
const IN_DOUBT = 29 * DAY

/** Which accounts are whose, by the entries that gave them, saw them, confirmed them or took them away. */
export class AccountReplay implements Replay {
  readonly actions = [
    'ROLE_CHANGE',
    'IDENTITY_PINNED',
    'IDENTITY_CONFIRMED',
    'IDENTITY_FORGOTTEN',
    'IDENTITY_LEFT',
    'IDENTITY_CHANGED',
    ...FORGETTING,
  ]
  readonly #links = new Map<string, Pick<Link, 'userId' | 'proof' | 'phone'>>()
  /** The accounts in `#links` by their users. */
  readonly #accounts = new Map<string, Set<string>>()
  /** Numbers that an account has left. */
  readonly #vacated = new Set<string>()
  /** Numbers as which another account appeared, for an owner to say who it is, and when that was, in milliseconds. */
  readonly #doubted = new Map<string, number>()

  /** Whose an account is at this point of the trail, by the id of their user. */
  personOf(account: string): string | undefined {
    return this.#links.get(account)?.userId
  }

  /** Somebody's accounts at this point of the trail. */
  accountsOf(userId: string): Iterable<string> {
    return this.#accounts.get(userId) ?? []
  }

  /** All that somebody is known by at this point of the trail who has this account. */
  allOf(account: string): string[] {
    const userId = this.personOf(account)
    return userId === undefined ? [account] : [account, userId, ...this.accountsOf(userId)]
  }

  /** An account comes to act as a number where no other does: one of its platform is taken away first, with an entry. */
  judge({ action, createdAt, resourceId, metadata }: ReplayedEntry): string | undefined {
    const [phone, account] = [text(resourceId), text(metadata.account)]
    if (action !== 'IDENTITY_PINNED' && action !== 'IDENTITY_CONFIRMED') return undefined
    const isFirst = action === 'IDENTITY_PINNED'
    const doubtedAt = this.#doubted.get(phone) ?? Number.NEGATIVE_INFINITY
    if (isFirst && createdAt.getTime() - doubtedAt < IN_DOUBT)
      return `${account} came to act as ${phone}, and no owner had said who that is, of several accounts`
    const others = [...this.#links].filter(
      ([other, link]) =>
        link.phone === phone &&
        other !== account &&
        (isFirst || platformOf(other as Account) === platformOf(account as Account)),
    )
    if (others.length > 0)
      return `${account} came to act as ${phone}, and ${others[0]?.[0]} did by the entries before it`
    const isTaken = isFirst && (this.#vacated.has(phone) || this.#links.has(account))
    return isTaken ? `${account} came to act as ${phone} as the first, and was not by the entries before it` : undefined
  }

  take({ action, createdAt, resourceId, subjectId, metadata }: ReplayedEntry): void {
    const [userId, phone, account] = [text(subjectId), text(resourceId) as Phone, text(metadata.account)]
    if (FORGETTING.includes(action)) {
      // A key that signs for the next one takes along what it had signed.
      if (metadata.statement === undefined) this.#doubted.clear()
      return
    }
    switch (action) {
      case 'IDENTITY_CHANGED':
        this.#doubted.set(phone, createdAt.getTime())
        return
      case 'ROLE_CHANGE':
        if (metadata.newRole === 'NONE') this.#unlink(phone)
        // An account that is there keeps its person, so with another one it had been forgotten.
        else if (this.#links.get(phone)?.userId !== userId) this.#link(phone, { userId, proof: 'given', phone: null })
        return
      case 'IDENTITY_LEFT':
        this.#vacated.add(phone)
        this.#forget(account, userId)
        return
      case 'IDENTITY_FORGOTTEN':
        this.#forget(account, userId)
        return
    }
    if (action === 'IDENTITY_CONFIRMED') this.#doubted.delete(phone)
    const proof = action === 'IDENTITY_CONFIRMED' ? 'confirmed' : 'seen'
    if (subjectId === null) this.#unlink(account)
    else this.#link(account, { userId, proof, phone })
  }

  /** By whose it was: by retention the entry may be gone that said with which number it was seen. */
  #forget(account: string, userId: string): void {
    if (this.personOf(account) === userId) this.#unlink(account)
  }

  #link(account: string, link: Pick<Link, 'userId' | 'proof' | 'phone'>): void {
    this.#unlink(account)
    this.#links.set(account, link)
    const accounts = this.#accounts.get(link.userId)
    if (accounts === undefined) this.#accounts.set(link.userId, new Set([account]))
    else accounts.add(account)
  }

  #unlink(account: string): void {
    this.#accounts.get(this.personOf(account) ?? '')?.delete(account)
    this.#links.delete(account)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string, Proof, Phone | null]>(
      'SELECT account, user_id, proof, phone FROM accounts',
    )
    const found = byKey(rows.map(([account, userId, proof, phone]) => [account, inWords({ userId, proof, phone })]))
    const expected = byKey([...this.#links].map(([account, link]) => [account, inWords(this.#standing(account, link))]))
    return differences('person of the account', expected, found)
  }

  #standing<L extends Pick<Link, 'proof'>>(account: string, link: L): L {
    return link.proof === 'given' && this.#vacated.has(account) ? { ...link, proof: 'vacated' } : link
  }
}

const inWords = ({ userId, proof, phone }: Pick<Link, 'userId' | 'proof' | 'phone'>): string =>
  `${phone === null ? '' : `${phone}, `}user ${userId}, ${proof}`
