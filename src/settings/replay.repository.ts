import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import type { Snapshot } from '../storage/contract.ts'
import { digestOfSetting } from './setting.repository.ts'

type Row = readonly [name: string, value: string, previous: string | null, effectiveAt: number, updatedAt: number]

interface Expected {
  readonly value: unknown
  /** When it was changed, in milliseconds. */
  readonly changedAt: number
  /** When it begins to count, where that was not at once. */
  readonly effectiveAt: unknown
  /** By which its row is known: that of a secret too, which nobody who verifies can read. */
  readonly row: unknown
}

/** Settings, by the entries that changed them. */
export class SettingReplay implements Replay {
  readonly actions = ['CONFIG_UPDATE']
  readonly #expected = new Map<string, Expected>()

  /** What was set at this point of the trail, and when; `undefined` where it was not, or waits for its time. */
  setTo(name: string): { readonly value: unknown; readonly changedAt: number } | undefined {
    const expected = this.#expected.get(name)
    return expected?.effectiveAt === undefined ? expected : undefined
  }

  take({ resourceId, createdAt, metadata }: ReplayedEntry): void {
    const { isDefault, newValue: value, effectiveAt, row } = metadata
    if (isDefault === true) this.#expected.delete(String(resourceId))
    else this.#expected.set(String(resourceId), { value, changedAt: createdAt.getTime(), effectiveAt, row })
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<Row>('SELECT name, value, previous, effective_at, updated_at FROM settings')
    const names = new Set(rows.map(([name]) => name))
    const missing = [...this.#expected.keys()].filter((name) => !names.has(name))
    return [
      ...rows.filter((row) => !this.#isAsSaid(row)).map(([name]) => `setting ${name}: ${this.#said(name)}`),
      ...missing.map((name) => `setting ${name}: not set any more`),
    ]
  }

  #said(name: string): string {
    const expected = this.#expected.get(name)
    return expected === undefined
      ? 'no entry says that it is set'
      : `not as its entry has it, ${JSON.stringify(expected.value)}`
  }

  #isAsSaid([name, value, previous, effectiveAt, updatedAt]: Row): boolean {
    const moments = { effectiveAt: new Date(effectiveAt), updatedAt: new Date(updatedAt) }
    return this.#expected.get(name)?.row === digestOfSetting({ value, previous, ...moments })
  }
}
