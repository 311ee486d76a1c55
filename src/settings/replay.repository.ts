import type { Moment, Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import { isoTime } from '../kernel/clock.ts'
import { plainLine } from '../kernel/plain-text.ts'
import type { Snapshot } from '../storage/contract.ts'

type Row = readonly [name: string, value: string, effectiveAt: number, previous: string | null]

interface Expected {
  readonly value: unknown
  /** When it was changed, in milliseconds. */
  readonly changedAt: number
  /** When it begins to count, where that was not at once. */
  readonly effectiveAt: unknown
  /** What counts until then. */
  readonly previous: unknown
  /** Whether `previous` was set, as far as the entries that are left tell. */
  readonly wasSet: boolean
}

/**
 * Settings, by the entries that changed them. Of a secret only whether there is one can be compared: that nobody put
 * another in its place is what its encryption shows.
 */
export class SettingReplay implements Replay {
  readonly actions = ['CONFIG_UPDATE']
  readonly #expected = new Map<string, Expected>()

  /** What was set at this point of the trail, and when; `undefined` where it was not, or waits for its time. */
  setTo(name: string): { readonly value: unknown; readonly changedAt: number } | undefined {
    const expected = this.#expected.get(name)
    return expected?.effectiveAt === undefined ? expected : undefined
  }

  take({ resourceId, createdAt, metadata }: ReplayedEntry): void {
    const name = String(resourceId)
    const { isDefault, newValue: value, oldValue, effectiveAt } = metadata
    const before = this.#expected.get(name)
    // What waited for its time then never counted, and what it was to replace counts on.
    const hadWaited = before?.effectiveAt !== undefined && String(before.effectiveAt) > createdAt.toISOString()
    const previous = hadWaited ? before.previous : oldValue
    const wasSet = hadWaited ? before.wasSet : before !== undefined
    if (isDefault === true) this.#expected.delete(name)
    else this.#expected.set(name, { value, changedAt: createdAt.getTime(), effectiveAt, previous, wasSet })
  }

  async compare(snapshot: Snapshot, { now }: Moment): Promise<string[]> {
    const rows = await snapshot.read<Row>('SELECT name, value, effective_at, previous FROM settings')
    const names = new Set(rows.map(([name]) => name))
    const missing = [...this.#expected.keys()].filter((name) => !names.has(name))
    return [
      ...rows.filter((row) => !this.#isAsSaid(row, now)).map(([name]) => `setting ${name}`),
      ...missing.map((name) => `setting ${name}: not set any more`),
    ]
  }

  #isAsSaid([name, value, effectiveAt, previous]: Row, now: Date): boolean {
    const expected = this.#expected.get(name)
    if (expected === undefined) return false
    const isAtOnce = expected.effectiveAt === undefined
    const isThen = isAtOnce ? effectiveAt === 0 : isoTime(effectiveAt) === expected.effectiveAt
    if (!isThen || !isValue(expected.value, value)) return false
    if (isAtOnce) return true
    if (effectiveAt <= now.getTime()) return true
    return previous === null ? !expected.wasSet : isValue(expected.previous, previous)
  }
}

const isValue = (expected: unknown, stored: string): boolean => expected === '(secret)' || expected === inEntry(stored)

/** A stored value as an entry has it. */
function inEntry(json: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value === 'string') return plainLine(value, 200)
  return typeof value === 'object' && value !== null ? plainLine(json, 200) : value
}
