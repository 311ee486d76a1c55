import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import { isoTime } from '../kernel/clock.ts'
import { accountOf } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/contract.ts'
import { departed } from './pin.repository.ts'
import { atLeast, isRole } from './role.ts'

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
function differences(
  name: string,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => expected.get(key) !== found.get(key))
    .map((key) => `${name} of ${key}: ${found.get(key) ?? 'none'}, by the entries ${expected.get(key) ?? 'none'}`)
}

/** Roles and whitelist, by the entries that gave and took them. */
export class UserReplay implements Replay {
  readonly actions = ['ROLE_CHANGE', 'WHITELIST_ADD', 'WHITELIST_REMOVE']
  readonly #roles = new Map<string, string>()
  readonly #whitelisted = new Map<string, string>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    const phone = text(resourceId)
    if (action === 'ROLE_CHANGE') this.#roles.set(phone, text(metadata.newRole))
    else if (action === 'WHITELIST_ADD') this.#whitelisted.set(phone, 'yes')
    else this.#whitelisted.delete(phone)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string, number]>('SELECT phone_number, role, whitelisted FROM users')
    const roles = byKey(rows.map(([phone, role]) => [phone, isRole(role) ? role : 'none']))
    const whitelisted = byKey(rows.flatMap(([phone, , is]) => (is ? [[phone, 'yes'] as const] : [])))
    return [...differences('role', this.#roles, roles), ...differences('whitelisting', this.#whitelisted, whitelisted)]
  }
}

interface ExpectedBlock {
  /** In ISO 8601, or that there is no end. */
  readonly until: string
  readonly by: string
}

/** Blocks that hold now, by the entries that set and lifted them. */
export class BlockReplay implements Replay {
  readonly actions = ['USER_BLOCK', 'USER_UNBLOCK']
  readonly #blocks = new Map<string, ExpectedBlock>()

  take({ action, resourceId, phoneNumber, metadata }: ReplayedEntry): void {
    const block = { until: text(metadata.until ?? 'unblocked'), by: phoneNumber }
    if (action === 'USER_BLOCK') this.#blocks.set(text(resourceId), block)
    else this.#blocks.delete(text(resourceId))
  }

  async compare(snapshot: Snapshot, now: Date): Promise<string[]> {
    const rows = await snapshot.read<[string, number | null, string]>(
      'SELECT phone_number, until, blocked_by FROM blocks',
    )
    const found = rows.map(([phone, until, by]): [string, ExpectedBlock] => [
      phone,
      { until: until === null ? 'unblocked' : isoTime(until), by },
    ])
    // A block that has ended says nothing any more, whether it is still there or not.
    const active = (blocks: Iterable<[string, ExpectedBlock]>) =>
      byKey(
        [...blocks]
          .filter(([, { until }]) => until > now.toISOString())
          .map(([phone, { until, by }]) => [phone, `${until} by ${by}`]),
      )
    return differences('block until', active(this.#blocks), active(found))
  }
}

interface ExpectedPin {
  readonly phone: string
  readonly confirmed: boolean
  /** Its person was below OPERATOR since, when an erasure would have forgotten it. */
  readonly mayBeForgotten: boolean
}

/** Accounts that may act as a number, by the entries that pinned or confirmed them. */
export class AccountReplay implements Replay {
  readonly actions = ['IDENTITY_PINNED', 'IDENTITY_CONFIRMED', 'ROLE_CHANGE']
  readonly #pins = new Map<string, ExpectedPin>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    const [phone, account] = [text(resourceId), text(metadata.account)]
    if (action === 'ROLE_CHANGE') {
      if (!isWorthPinning(metadata.oldRole) || !isWorthPinning(metadata.newRole)) this.#mayForget(phone)
      return
    }
    const confirmed = action === 'IDENTITY_CONFIRMED'
    const before = this.#pins.get(account)
    if (confirmed && before !== undefined && before.phone !== phone)
      this.#pins.set(departed(before.phone), { ...before, confirmed: false })
    // The first account that is seen has none beside it: those before were forgotten.
    for (const [pinned, pin] of this.#pins)
      if (pin.phone === phone && !(confirmed && accountOf(pinned) === accountOf(account))) this.#pins.delete(pinned)
    this.#pins.set(account, { phone, confirmed, mayBeForgotten: false })
  }

  #mayForget(phone: string): void {
    for (const [account, pin] of this.#pins)
      if (pin.phone === phone) this.#pins.set(account, { ...pin, mayBeForgotten: true })
  }

  /** An erasure forgets the accounts of a USER, so that one is missing is no finding where nobody has a role above. */
  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string, number]>(
      'SELECT account, phone_number, confirmed FROM pinned_accounts',
    )
    const above = await snapshot.read<[string]>("SELECT phone_number FROM users WHERE role <> 'USER'")
    const needed = new Set(above.map(([phone]) => phone))
    const found = byKey(rows.map(([account, phone, confirmed]) => [account, inWords(phone, Boolean(confirmed))]))
    const expected = [...this.#pins]
      .filter(([account, pin]) => found.has(account) || (needed.has(pin.phone) && !pin.mayBeForgotten))
      .map(([account, { phone, confirmed }]) => [account, inWords(phone, confirmed)] as const)
    return differences('number of the account', new Map(expected), found)
  }
}

const isWorthPinning = (role: unknown): boolean => typeof role === 'string' && isRole(role) && atLeast(role, 'OPERATOR')

const inWords = (phone: string, confirmed: boolean): string => (confirmed ? `${phone}, confirmed` : phone)
