import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import { plainLine } from '../kernel/plain-text.ts'
import type { Snapshot } from '../storage/snapshot.ts'

interface Expected {
  readonly value: unknown
  /** When it begins to count, where that was not at once. */
  readonly effectiveAt: unknown
}

/**
 * Settings, by the entries that changed them. Of a secret only whether there is one can be compared: that nobody put
 * another in its place is what its encryption shows.
 */
export class SettingReplay implements Replay {
  readonly actions = ['CONFIG_UPDATE']
  readonly #expected = new Map<string, Expected>()

  take({ resourceId, metadata }: ReplayedEntry): void {
    const name = String(resourceId)
    if (metadata.isDefault === true) this.#expected.delete(name)
    else this.#expected.set(name, { value: metadata.newValue, effectiveAt: metadata.effectiveAt })
  }

  async compare(snapshot: Snapshot, now: Date): Promise<string[]> {
    const rows = await snapshot.read<[string, string, number]>(
      'SELECT name, value, CAST(effective_at AS INTEGER) FROM settings',
    )
    const names = new Set(rows.map(([name]) => name))
    const missing = [...this.#expected.keys()].filter((name) => !names.has(name))
    return [
      ...rows.filter((row) => !this.#isAsSaid(row, now)).map(([name]) => `setting ${name}`),
      ...missing.map((name) => `setting ${name}: not set any more`),
    ]
  }

  #isAsSaid([name, value, effectiveAt]: [string, string, number], now: Date): boolean {
    const expected = this.#expected.get(name)
    if (expected === undefined) return false
    const isThen =
      expected.effectiveAt === undefined
        ? effectiveAt <= now.getTime()
        : new Date(effectiveAt).toISOString() === expected.effectiveAt
    return isThen && (expected.value === '(secret)' || expected.value === inEntry(value))
  }
}

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
