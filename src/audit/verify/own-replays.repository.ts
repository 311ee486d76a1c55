import type { Snapshot } from '../../storage/snapshot.ts'
import type { Replay, ReplayedEntry } from './replay.ts'

/** A table whose rows are there or not: holds, and who receives the checkpoint. */
abstract class PresenceReplay implements Replay {
  abstract readonly actions: readonly [add: string, remove: string]
  protected abstract readonly name: string
  protected abstract readonly sql: string
  readonly #expected = new Set<string>()

  take({ action, resourceId }: ReplayedEntry): void {
    if (action === this.actions[0]) this.#expected.add(String(resourceId))
    else this.#expected.delete(String(resourceId))
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const found = new Set((await snapshot.read<[string]>(this.sql)).map(([subject]) => subject))
    const differing = [...new Set([...found, ...this.#expected])].filter(
      (subject) => found.has(subject) !== this.#expected.has(subject),
    )
    return differing.map((subject) => `${this.name} ${subject}`)
  }
}

export class HoldReplay extends PresenceReplay {
  readonly actions = ['AUDIT_HOLD_ADD', 'AUDIT_HOLD_REMOVE'] as const
  protected readonly name = 'legal hold on'
  protected readonly sql = 'SELECT subject FROM audit_holds'
}

export class WitnessReplay extends PresenceReplay {
  readonly actions = ['AUDIT_WITNESS_ADD', 'AUDIT_WITNESS_REMOVE'] as const
  protected readonly name = 'daily checkpoint for'
  protected readonly sql = 'SELECT phone_number FROM audit_witnesses'
}
