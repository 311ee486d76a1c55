import type { Snapshot } from '../../storage/contract.ts'
import { mergeRuns, type Run } from '../entry/coverage.ts'
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
    const changed = [...new Set([...found, ...this.#expected])].filter(
      (subject) => found.has(subject) !== this.#expected.has(subject),
    )
    return changed.map((subject) => `${this.name} ${subject}`)
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

/** What archives there are, and what is in each. */
export class ArchiveReplay implements Replay {
  readonly actions = ['AUDIT_ARCHIVED', 'AUDIT_ARCHIVE_REWRITTEN', 'AUDIT_ARCHIVE_REMOVED'] as const
  readonly #expected = new Map<string, unknown>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    if (action === 'AUDIT_ARCHIVE_REMOVED') this.#expected.delete(String(resourceId))
    else this.#expected.set(String(resourceId), metadata.sha256)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string]>('SELECT name, sha256 FROM audit_archives')
    return differing(new Map(rows), this.#expected).map((name) => `archive ${name}`)
  }
}

/** What was brought back from archives and stays until it is released. */
export class RestoredReplay implements Replay {
  readonly actions = ['AUDIT_RESTORED', 'AUDIT_RELEASED'] as const
  readonly #expected = new Map<string, Run[]>()

  take({ action, resourceId, metadata }: ReplayedEntry): void {
    const archive = String(resourceId)
    if (action === 'AUDIT_RELEASED') this.#expected.delete(archive)
    else this.#expected.set(archive, [...(this.#expected.get(archive) ?? []), ...(metadata.ranges as Run[])])
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[number, number, string]>(
      'SELECT first_seq, last_seq, archive FROM audit_restored',
    )
    const found = new Map<string, Run[]>()
    for (const [first, last, archive] of rows) found.set(archive, [...(found.get(archive) ?? []), [first, last]])
    return differing(asText(found), asText(this.#expected)).map((archive) => `entries restored from ${archive}`)
  }
}

const asText = (runs: ReadonlyMap<string, readonly Run[]>) =>
  new Map([...runs].map(([archive, of]) => [archive, JSON.stringify(mergeRuns(of))] as const))

const differing = (found: ReadonlyMap<string, unknown>, expected: ReadonlyMap<string, unknown>): string[] =>
  [...new Set([...found.keys(), ...expected.keys()])].filter((name) => found.get(name) !== expected.get(name))
