import type { Snapshot } from '../../storage/contract.ts'
import { mergeRuns, type Run, runsIn } from '../entry/coverage.ts'
import type { Replay, ReplayedEntry } from './replay.ts'

/** A table whose rows are there or not: holds, and who receives the checkpoint. */
abstract class PresenceReplay implements Replay {
  abstract readonly actions: readonly [add: string, remove: string]
  protected abstract readonly name: string
  /** Asks for what a row is known by, and how people call that. */
  protected abstract readonly sql: string
  /** What of an entry a row is known by. */
  protected abstract readonly key: 'resourceId' | 'subjectId'
  readonly #expected = new Map<string, string>()

  /** What is there at this point of the trail. */
  keys(): Iterable<string> {
    return this.#expected.keys()
  }

  /** Nobody gives what is there, or takes away what is not: then it had gone, or come, without an entry. */
  judge(entry: ReplayedEntry): string | undefined {
    const wasThere = this.#expected.has(String(entry[this.key]))
    const isSaidThere = entry.action === this.actions[1]
    return wasThere === isSaidThere
      ? undefined
      : `${this.name} ${entry.resourceId}: ${isSaidThere ? 'ended' : 'begun'}, and by the entries before it ${wasThere ? 'stood' : 'there was none'}`
  }

  take(entry: ReplayedEntry): void {
    const key = String(entry[this.key])
    if (entry.action === this.actions[0]) this.#expected.set(key, String(entry.resourceId))
    else this.#expected.delete(key)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const found = new Map(await snapshot.read<[string, string]>(this.sql))
    const changed = [...new Map([...found, ...this.#expected])].filter(
      ([key]) => found.has(key) !== this.#expected.has(key),
    )
    return changed.map(([, called]) => `${this.name} ${called}`)
  }
}

export class HoldReplay extends PresenceReplay {
  readonly actions = ['AUDIT_HOLD_ADD', 'AUDIT_HOLD_REMOVE'] as const
  protected readonly name = 'legal hold on'
  protected readonly sql = 'SELECT subject, subject FROM audit_holds'
  protected readonly key = 'resourceId'
}

export class WitnessReplay extends PresenceReplay {
  readonly actions = ['AUDIT_WITNESS_ADD', 'AUDIT_WITNESS_REMOVE'] as const
  protected readonly name = 'daily checkpoint for'
  protected readonly sql =
    `SELECT user_id, coalesce((SELECT min(account) FROM accounts a WHERE a.user_id = w.user_id), user_id)
    FROM audit_witnesses w`
  protected readonly key = 'subjectId'
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
    const rows = await snapshot.read<[string, string]>(
      'SELECT name, sha256 FROM audit_archives WHERE removing_at IS NULL',
    )
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
    else this.#expected.set(archive, [...(this.#expected.get(archive) ?? []), ...runsIn(metadata.ranges)])
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
