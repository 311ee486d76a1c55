import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import { accountOf } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/snapshot.ts'
import { isRole } from './role.ts'

const text = (value: unknown): string => String(value ?? '')

/** Keys of two maps, each once. */
const keysOf = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>) => new Set([...a.keys(), ...b.keys()])

/** Where two maps differ, as `name of key`. */
function differences<T>(name: string, expected: ReadonlyMap<string, T>, found: ReadonlyMap<string, T>): string[] {
  return [...keysOf(expected, found)]
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
    const roles = new Map(rows.map(([phone, role]) => [phone, isRole(role) ? role : 'none']))
    const whitelisted = new Map(rows.flatMap(([phone, , is]) => (is ? [[phone, 'yes'] as const] : [])))
    return [...differences('role', this.#roles, roles), ...differences('whitelisting', this.#whitelisted, whitelisted)]
  }
}

/** Blocks that hold now, by the entries that set and lifted them. */
export class BlockReplay implements Replay {
  readonly actions = ['USER_BLOCK', 'USER_UNBLOCK']
  readonly #until = new Map<string, string>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    if (action === 'USER_BLOCK') this.#until.set(text(resourceId), text(metadata.until ?? 'unblocked'))
    else this.#until.delete(text(resourceId))
  }

  async compare(snapshot: Snapshot, now: Date): Promise<string[]> {
    const rows = await snapshot.read<[string, number | null]>('SELECT phone_number, CAST(until AS INTEGER) FROM blocks')
    const found = rows.map(([phone, until]): [string, string] => [
      phone,
      until === null ? 'unblocked' : new Date(until).toISOString(),
    ])
    // A block that has ended says nothing any more, whether it is still there or not.
    const active = (entries: Iterable<[string, string]>) =>
      new Map([...entries].filter(([, until]) => until > now.toISOString()))
    return differences('block until', active(this.#until), active(found))
  }
}

/** Accounts that may act as a number, by the entries that pinned or confirmed them. */
export class AccountReplay implements Replay {
  readonly actions = ['IDENTITY_PINNED', 'IDENTITY_CONFIRMED']
  readonly #pins = new Map<string, string>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    const [phone, account] = [text(resourceId), text(metadata.account)]
    if (action === 'IDENTITY_CONFIRMED')
      for (const [pinned, of] of this.#pins)
        if (of === phone && accountOf(pinned) !== accountOf(account)) this.#pins.delete(pinned)
    this.#pins.set(account, phone)
  }

  /** An erasure forgets the accounts of a USER, so that one is missing is no finding where nobody has a role above. */
  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string]>(
      "SELECT account, phone_number FROM pinned_accounts WHERE account NOT LIKE 'departed:%'",
    )
    const above = await snapshot.read<[string]>("SELECT phone_number FROM users WHERE role <> 'USER'")
    const needed = new Set(above.map(([phone]) => phone))
    const found = new Map(rows)
    const expected = [...this.#pins].filter(([account, phone]) => found.has(account) || needed.has(phone))
    return differences('number of the account', new Map(expected), found)
  }
}
