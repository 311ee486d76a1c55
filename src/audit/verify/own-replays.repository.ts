import { ownTime } from '../../kernel/own-time.ts'
import type { Snapshot } from '../../storage/contract.ts'
import { mergeRuns, type Run, runsIn } from '../entry/coverage.ts'
import type { Replay, ReplayedEntry } from './replay.ts'

/** A table whose rows are there or not: holds, and who receives the checkpoint. */
abstract class PresenceReplay implements Replay {
  abstract readonly actions: readonly [add: string, remove: string]
  protected abstract readonly name: string
  /** What else a row says, for people. */
  protected abstract readonly details: string
  /** Asks for what a row is known by, how people call that, and all else that it says. */
  protected abstract readonly sql: string
  /** What of an entry a row is known by. */
  protected abstract readonly key: 'resourceId' | 'subjectId'
  readonly #expected = new Map<string, Row>()

  /** All else that the row of an entry says, in the order of `sql`. */
  protected abstract saidBy(entry: ReplayedEntry): readonly unknown[]

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
    if (entry.action === this.actions[0])
      this.#expected.set(key, { called: String(entry.resourceId), says: JSON.stringify(this.saidBy(entry)) })
    else this.#expected.delete(key)
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string, ...unknown[]]>(this.sql)
    const found = new Map(rows.map(([key, called, ...says]) => [key, { called, says: JSON.stringify(says) }] as const))
    const changed = [...new Map<string, Row>([...found, ...this.#expected])].filter(
      ([key]) => found.get(key)?.says !== this.#expected.get(key)?.says,
    )
    return changed.map(([key, { called }]) => {
      const isOnlyOther = found.has(key) && this.#expected.has(key)
      return `${this.name} ${called}${isOnlyOther ? `: ${this.details}` : ''}`
    })
  }
}

interface Row {
  /** How people call what it is about. */
  readonly called: string
  /** All else that it says, as JSON. */
  readonly says: string
}

export class HoldReplay extends PresenceReplay {
  readonly actions = ['AUDIT_HOLD_ADD', 'AUDIT_HOLD_REMOVE'] as const
  protected readonly name = 'legal hold on'
  protected readonly details = 'its reason, by whom or since when'
  protected readonly sql = 'SELECT subject, subject, reason, held_by, held_at FROM audit_holds'
  protected readonly key = 'resourceId'

  protected saidBy({ account, createdAt, metadata }: ReplayedEntry): readonly unknown[] {
    return [metadata.reason ?? null, account, ownTime({ createdAt, metadata }).getTime()]
  }
}

export class WitnessReplay extends PresenceReplay {
  readonly actions = ['AUDIT_WITNESS_ADD', 'AUDIT_WITNESS_REMOVE'] as const
  protected readonly name = 'daily checkpoint for'
  protected readonly details = 'since when'
  protected readonly sql =
    `SELECT user_id, coalesce((SELECT min(account) FROM accounts a WHERE a.user_id = w.user_id), user_id),
      since FROM audit_witnesses w`
  protected readonly key = 'subjectId'

  protected saidBy({ createdAt }: ReplayedEntry): readonly unknown[] {
    return [createdAt.getTime()]
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
